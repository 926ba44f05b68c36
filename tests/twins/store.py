"""A connection to the tables: the same contract as `worker.event_store.PartitionStore`.

`tests/worker/event_store/test_conformance.py` runs on both.
"""

from collections.abc import Sequence
from uuid import UUID

from tests.twins.database import DatabaseTwin
from tests.twins.faults import Faults
from worker.event_store import (
    AggregateRecord,
    Answered,
    Batch,
    CommitOutcome,
    Committed,
    EventRecord,
    Fenced,
    OrderRecord,
    ReservationName,
    ReservationRow,
    StoredAnswer,
    StoreUnavailable,
    Term,
)


class StoreTwin:
    """Claims, loads and commits."""

    def __init__(self, database: DatabaseTwin, faults: Faults | None = None) -> None:
        self._database = database
        self._faults = faults or Faults()

    async def claim(self, partition: int, owner: str) -> Term:
        self._faults.reach("claim")
        row = self._database.partitions.get(partition)
        if row is None:
            raise StoreUnavailable(f"partition {partition} is not in the table partitions")
        row.owner, row.epoch = owner, row.epoch + 1
        self._faults.reach("claimed")
        return Term(partition, row.epoch, row.sequence)

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        self._faults.reach("load")
        records = [self._record(aggregate_id) for aggregate_id in dict.fromkeys(aggregate_ids)]
        self._faults.reach("loaded")
        return records

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        self._faults.reach("load")
        found = [self._database.reservations[name] for name in names if name in self._database.reservations]
        self._faults.reach("loaded")
        return found

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        self._faults.reach("load")
        orders = [self._order(aggregate_id) for aggregate_id in dict.fromkeys(aggregate_ids)]
        self._faults.reach("loaded")
        return orders

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        self._faults.reach("commit")
        outcome = self._commit(term, batch)
        self._faults.reach("committed")
        return outcome

    def _commit(self, term: Term, batch: Batch) -> CommitOutcome:
        ids = [command.command_id for command in batch.commands] + list(batch.placed)
        known = [self._answer(command_id) for command_id in ids if command_id not in batch.completed]
        answers = tuple(answer for answer in known if answer is not None)
        if answers:
            return Answered(answers)
        row = self._database.partitions[term.partition]
        if (row.epoch, row.sequence) != (term.epoch, term.sequence):
            raise Fenced(f"partition {term.partition}: epoch {term.epoch} is stale")
        self._database.write(term.partition, batch)
        return Committed()

    def _order(self, aggregate_id: str) -> OrderRecord:
        row = self._database.orders.get(aggregate_id)
        if row is None:
            return OrderRecord(aggregate_id, 0, None, None, None)
        answer = self._answer(row.command_id)
        return OrderRecord(aggregate_id, row.version, row.status, row.placed, row.progress, answer)

    def _answer(self, command_id: UUID) -> StoredAnswer | None:
        if command_id in self._database.placed:
            return StoredAnswer(command_id, self._database.placed[command_id], None)
        entry = self._database.commands.get(command_id)
        return None if entry is None else StoredAnswer(*entry[2])

    def _record(self, aggregate_id: str) -> AggregateRecord:
        events = self._database.events_of(aggregate_id)
        levels = self._database.levels_of(aggregate_id)
        version = events[-1].version if events else 0
        if max((level.version for level in levels), default=0) == version:
            return AggregateRecord(aggregate_id, version, tuple(levels))
        folded = tuple(EventRecord(event.event_type, event.data, event.version) for event in events)
        return AggregateRecord(aggregate_id, version, None, folded)
