"""The history as the database holds it, whoever wrote it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg

from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.events import Event
from worker.event_store.execution import Executor
from worker.event_store.history.stored import StoredEvent, StoredSnapshot, decoded
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.stock import CHANGES, stock_changes

EVENTS_PAGE_LIMIT = 5_000
"""Events fetched at once: enough that round trips do not count, few enough for the memory."""

AGGREGATE_IDS_PAGE_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class _Tables:
    has_stock: bool
    has_snapshots: bool
    has_snapshot_mark: bool


class DatabaseHistory:
    """Reads through a real pool, one statement at a time; raises what the pool raises."""

    is_shared = True

    def __init__(self, executor: Executor, upcasters: Upcasters) -> None:
        self._fetch = executor.fetch
        self._upcasters = upcasters
        self._tables: _Tables | None = None

    async def has_stock_tables(self) -> bool:
        """Return whether the database has the tables of stock and audit."""
        return (await self._found_tables()).has_stock

    async def has_snapshot_mark(self) -> bool:
        """Return whether the table of snapshots has the column that marks the store's own."""
        return (await self._found_tables()).has_snapshot_mark

    async def pages(self, aggregate_id: str, after: int, through: int | None = None) -> AsyncIterator[list[Event]]:
        """Give the events of versions `after` + 1 to `through` in order, at most `EVENTS_PAGE_LIMIT` at a time."""
        async for rows in self._row_pages(aggregate_id, after, through):
            yield [decoded(self._upcasters, *row) for row in rows]

    async def _row_pages(self, aggregate_id: str, after: int, through: int | None) -> AsyncIterator[list[Any]]:
        while True:
            rows = await self._fetch("read_events", aggregate_id, after, through, EVENTS_PAGE_LIMIT)
            if rows:
                yield rows
                after = rows[-1]["version"]
            if len(rows) < EVENTS_PAGE_LIMIT:
                return

    async def newest_version(self, aggregate_id: str) -> int:
        """Return the version of the last event, 0 where there is none."""
        return next((row["version"] for row in await self._fetch("read_newest_version", aggregate_id)), 0)

    async def event_id_at(self, aggregate_id: str, version: int) -> str | None:
        """Return which event took `version`."""
        return next((row["event_id"] for row in await self._fetch("read_event_id", aggregate_id, version)), None)

    async def aggregate_ids(self) -> list[str]:
        """Return every aggregate that has events."""
        found: list[str] = []
        while True:
            after = found[-1] if found else ""
            rows = await self._fetch("read_aggregate_ids", after, AGGREGATE_IDS_PAGE_LIMIT)
            found.extend(row["aggregate_id"] for row in rows)
            if len(rows) < AGGREGATE_IDS_PAGE_LIMIT:
                return found

    async def snapshot(self, aggregate_id: str) -> StoredSnapshot | None:
        """Return the snapshot, None where there is none."""
        if not (await self._found_tables()).has_snapshots:
            return None
        for row in await self._fetch("read_snapshot", aggregate_id):
            return StoredSnapshot(aggregate_id, row["state"], row["version"], row["timestamp"], row["is_stock"])
        return None

    async def load(self, aggregate_id: str, known: KeptAggregate | None) -> KeptAggregate:
        """Return the aggregate as it stands: the newest state at hand, and what the events after it move.

        Decoded is nothing: the database adds up what is left. With stock rows that
        are current, which they are unless another program wrote events without
        them, nothing is left.
        """
        rows, newest_version = await self._from_rows(aggregate_id)
        if rows.version == newest_version:
            return rows
        base = await self._newest_state(aggregate_id, rows, known, newest_version)
        moves = await self._moves(aggregate_id, base.version, newest_version)
        for item_id, delta in moves:
            base.on_hand[item_id] = base.on_hand.get(item_id, 0) + delta
        base.version = newest_version
        base.rows_lag = await self.has_stock_tables() and (base.rows_lag or bool(moves))
        return base

    async def _moves(self, aggregate_id: str, after: int, through: int) -> list[tuple[str, int]]:
        try:
            return [tuple(row) for row in await self._fetch("read_stock_moves", aggregate_id, after, through)]
        except asyncpg.DataError:
            # In columns of text and json lies what jsonb cannot hold, the character \u0000 for one.
            return [move async for move in self._moves_one_by_one(aggregate_id, after, through)]

    async def _moves_one_by_one(self, aggregate_id: str, after: int, through: int) -> AsyncIterator[tuple[str, int]]:
        async for rows in self._row_pages(aggregate_id, after, through):
            for row in rows:
                if row["event_type"] in CHANGES:
                    data = decoded(self._upcasters, *row).data
                    for change in stock_changes(row["event_type"], data):
                        yield change.item_id, change.delta

    async def _from_rows(self, aggregate_id: str) -> tuple[KeptAggregate, int]:
        """Return the aggregate as its stock rows tell it, and its newest version.

        The rows stand at the version of the newest of them: whoever appends with
        rows brings those up to date first that lag behind.
        """
        if not await self.has_stock_tables():
            return KeptAggregate(), await self.newest_version(aggregate_id)
        kept, newest_version = KeptAggregate(), 0
        for row in await self._fetch("load_levels", [aggregate_id]):
            newest_version = row["newest_version"]
            if row["location"] is not None:
                kept.version = max(kept.version, row["version"])
                kept.on_hand[row["location"]] = row["on_hand"]
                kept.reserved[row["location"]] = row["reserved"]
        return kept, newest_version

    async def _newest_state(
        self, aggregate_id: str, rows: KeptAggregate, known: KeptAggregate | None, newest_version: int
    ) -> KeptAggregate:
        if known is not None and known.version >= rows.version:
            return KeptAggregate(known.version, dict(known.on_hand), rows.reserved, known.rows_lag)
        snapshot = await self.snapshot(aggregate_id)
        if snapshot is not None and snapshot.is_stock and rows.version < snapshot.version <= newest_version:
            # Whether the rows lag behind the snapshot is not known; catching up shows it.
            return KeptAggregate(snapshot.version, snapshot.snapshot().state, rows.reserved, rows_lag=True)
        return rows

    def remember(self, events: list[StoredEvent]) -> None:
        """Do nothing: the database remembers."""

    def remember_snapshot(self, snapshot: StoredSnapshot) -> None:
        """Do nothing: the database remembers."""

    async def _found_tables(self) -> _Tables:
        if self._tables is None:
            (row,) = await self._fetch("find_tables")
            self._tables = _Tables(*row)
        return self._tables
