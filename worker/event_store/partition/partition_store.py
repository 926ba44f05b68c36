"""The store of one lane: it claims, loads and commits."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg

from worker.event_store.errors import Fenced, StoreUnavailable
from worker.event_store.partition.arguments import commit_call
from worker.event_store.partition.records import (
    AggregateRecord,
    Answered,
    Batch,
    CommitOutcome,
    Committed,
    EventRecord,
    LeftHold,
    LevelRow,
    OrderRecord,
    ReservationName,
    ReservationRow,
    StoredAnswer,
    Term,
)
from worker.event_store.partition.session import LaneSession
from worker.event_store.statements import statement

EVENTS_PAGE_LIMIT = 5_000
"""Events fetched at once when an aggregate must be folded."""


class PartitionStore:
    """Claims, loads and commits for one partition at a time.

    Every call raises `StoreUnavailable` when the database is away; the
    connection is then dropped, and the next call opens a new one. After that,
    claim again: the old term is in doubt.
    """

    def __init__(self, database_url: str, *, catches_up: bool = True) -> None:
        """Bring rows that lag behind their events up to date while loading, unless `catches_up` is false."""
        self._catches_up = catches_up
        self.session = LaneSession(database_url)
        """What else belongs to the lane's work, in its order, goes through the same connection."""

    async def claim(self, partition: int, owner: str) -> Term:
        """Make `owner` the owner of `partition`; every older term is stale from now on."""
        rows = await self._fetch("claim_partition", partition, owner)
        if not rows:
            raise StoreUnavailable(f"partition {partition} is not in the table partitions")
        return Term(partition, rows[0]["epoch"], rows[0]["sequence"])

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        """Return the aggregates as they stand, one record for each id, in any order."""
        return [await self._current(record) for record in await self._load_levels(aggregate_ids)]

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        """Return those of the named reservations that exist, held or closed, in any order."""
        skus, reservation_ids = [sku for sku, _ in names], [reservation_id for _, reservation_id in names]
        return [ReservationRow(*row) for row in await self._fetch("load_reservations", skus, reservation_ids)]

    async def due_reservations(
        self, own_partitions: Sequence[int], now: datetime, overdue: datetime, limit: int
    ) -> list[ReservationRow]:
        """Return what is due at `now` in `own_partitions`, and elsewhere what was due at `overdue` already.

        At most `limit` of each partition, the earliest first. Times are aware.
        """
        moments = [_naive(now), _naive(overdue)]
        rows = await self._fetch("due_reservations", list(own_partitions), *moments, limit)
        return [ReservationRow(*row) for row in rows]

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        """Return the orders as they stand, one record for each id, in any order."""
        rows = await self._fetch("load_orders", list(aggregate_ids))
        return [await self._current_order(row) for row in rows]

    async def _current_order(self, row: asyncpg.Record) -> OrderRecord:
        name, answer = row["aggregate_id"], None
        if row["command_id"] is not None:
            answer = StoredAnswer(row["command_id"], row["digest"], row["answer"])
        if row["newest_version"] == (row["version"] or 0):
            return OrderRecord(name, row["newest_version"], row["status"], row["placed"], row["progress"], answer)
        # Somebody has changed rows by hand, or appended to the order: what happened is in its events alone.
        events = await self.load_events(name)
        return OrderRecord(name, row["newest_version"], None, None, None, answer, tuple(events))

    async def waiting_orders(
        self, own_partitions: Sequence[int], now: datetime, stalled: datetime, limit: int
    ) -> list[OrderRecord]:
        """Return the pending orders of `own_partitions` that are due at `now`, or have not moved since `stalled`.

        At most `limit` of each partition, the earliest due first. Times are aware.
        """
        moments = [_naive(now), _naive(stalled)]
        rows = await self._fetch("waiting_orders", list(own_partitions), *moments, limit)
        return [OrderRecord(*row) for row in rows]

    async def left_holds(self, own_partitions: Sequence[int], stalled: datetime, limit: int) -> list[LeftHold]:
        """Return what is held in `own_partitions` for orders that were decided at `stalled` or earlier.

        For those that were cancelled or have expired, whenever that was.
        """
        rows = await self._fetch("left_holds", list(own_partitions), _naive(stalled), limit)
        return [LeftHold(reservation_id, OrderRecord(*order)) for reservation_id, *order in rows]

    async def _load_levels(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        levels: dict[str, list[LevelRow]] = {aggregate_id: [] for aggregate_id in aggregate_ids}
        versions: dict[str, int] = {}
        for row in await self._fetch("load_levels", list(levels)):
            aggregate_id = row["aggregate_id"]
            versions[aggregate_id] = row["newest_version"]
            if row["location"] is not None:
                levels[aggregate_id].append(
                    LevelRow(aggregate_id, row["location"], row["on_hand"], row["reserved"], row["version"])
                )
        return [AggregateRecord(name, versions[name], tuple(rows)) for name, rows in levels.items()]

    async def _current(self, record: AggregateRecord) -> AggregateRecord:
        """Return `record` where its rows say all, which they do unless another program appended stock without them."""
        if _rows_version(record) == record.version:
            return record
        if not self._catches_up:
            return await self._folded(record.aggregate_id)
        # The next commit writes the row of its own location only, and makes it the newest: the others must be right.
        await self._fetch("catch_up_levels", record.aggregate_id)
        (again,) = await self._load_levels([record.aggregate_id])
        if (again.version, _rows_version(again)) == (record.version, _rows_version(record)):
            return again  # nothing to catch up: the events after the rows move no stock
        return await self._folded(record.aggregate_id)

    async def _folded(self, aggregate_id: str) -> AggregateRecord:
        events = await self.load_events(aggregate_id)
        return AggregateRecord(aggregate_id, events[-1].version if events else 0, None, tuple(events))

    async def load_events(self, aggregate_id: str) -> list[EventRecord]:
        """Return all events of one aggregate in order."""
        events: list[EventRecord] = []
        while True:
            after = events[-1].version if events else 0
            rows = await self._fetch("load_events", aggregate_id, after, EVENTS_PAGE_LIMIT)
            events.extend(EventRecord(row["event_type"], row["data"], row["version"]) for row in rows)
            if len(rows) < EVENTS_PAGE_LIMIT:
                return events

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        """Write `batch`, whole or not at all, if `term` is still the newest.

        The commands get the sequence numbers after `term.sequence`, in order.
        Raises `Fenced`, `ConcurrencyConflictError` or `StatementRefused`; nothing was
        written then. Raises `StoreUnavailable` when that is in doubt.
        """
        rows = await self._fetch(*commit_call(term, batch))
        if not rows:
            raise Fenced(f"partition {term.partition}: epoch {term.epoch} is stale")
        if rows[0]["state"] == "committed":
            return Committed()
        return Answered(tuple(StoredAnswer(row["command_id"], row["digest"], row["answer"]) for row in rows))

    async def _fetch(self, name: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self.session.fetch(statement(name), *arguments)

    async def close(self) -> None:
        """Give the connection back; a later call opens a new one."""
        await self.session.close()


def _rows_version(record: AggregateRecord) -> int:
    return max((level.version for level in record.levels or ()), default=0)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
