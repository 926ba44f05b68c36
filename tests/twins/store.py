"""A connection to the tables: the same contract as `worker.event_store.PartitionStore`.

`tests/worker/event_store/test_conformance.py` runs on both.
"""

from collections.abc import Sequence

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

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        self._faults.reach("commit")
        outcome = self._commit(term, batch)
        self._faults.reach("committed")
        return outcome

    def _commit(self, term: Term, batch: Batch) -> CommitOutcome:
        known = [self._database.commands.get(command.command_id) for command in batch.commands]
        recorded = [entry[2] for entry in known if entry is not None]
        if recorded:
            return Answered(tuple(StoredAnswer(item.command_id, item.digest, item.answer) for item in recorded))
        row = self._database.partitions[term.partition]
        if (row.epoch, row.sequence) != (term.epoch, term.sequence):
            raise Fenced(f"partition {term.partition}: epoch {term.epoch} is stale")
        self._database.write(term.partition, batch)
        return Committed()

    def _record(self, aggregate_id: str) -> AggregateRecord:
        events = self._database.events_of(aggregate_id)
        levels = self._database.levels_of(aggregate_id)
        version = events[-1].version if events else 0
        if max((level.version for level in levels), default=0) == version:
            return AggregateRecord(aggregate_id, version, tuple(levels))
        folded = tuple(EventRecord(event.event_type, event.data, event.version) for event in events)
        return AggregateRecord(aggregate_id, version, None, folded)
