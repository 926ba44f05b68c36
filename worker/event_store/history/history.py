"""What can be read back of the events and snapshots: from the database, or from memory where the pool is write-only."""

from collections.abc import AsyncIterator
from typing import Protocol

from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.events import Event
from worker.event_store.execution import Executor
from worker.event_store.history.in_database import DatabaseHistory
from worker.event_store.history.in_memory import MemoryHistory
from worker.event_store.history.stored import StoredEvent, StoredSnapshot
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.pools import is_write_only


class History(Protocol):
    """The past of every aggregate. Each event and snapshot it gives belongs to the caller alone."""

    is_shared: bool
    """Others write too: what was read a moment ago may be old."""

    async def has_stock_tables(self) -> bool:
        """Return whether stock rows and audit are written with the events."""
        ...

    async def has_snapshot_mark(self) -> bool:
        """Return whether snapshots say if their state is the store's own fold of stock."""
        ...

    def pages(self, aggregate_id: str, after: int, through: int | None = None) -> AsyncIterator[list[Event]]:
        """Give the events of versions `after` + 1 to `through` (None: the newest) in order, some at a time."""
        ...

    async def newest_version(self, aggregate_id: str) -> int:
        """Return the version of the last event, 0 where there is none."""
        ...

    async def event_id_at(self, aggregate_id: str, version: int) -> str | None:
        """Return which event took `version`."""
        ...

    async def aggregate_ids(self) -> list[str]:
        """Return every aggregate that has events."""
        ...

    async def snapshot(self, aggregate_id: str) -> StoredSnapshot | None:
        """Return the snapshot, None where there is none."""
        ...

    async def load(self, aggregate_id: str, known: KeptAggregate | None) -> KeptAggregate:
        """Return the aggregate as it stands; `known` is an earlier state of it, to go on from."""
        ...

    def remember(self, events: list[StoredEvent]) -> None:
        """Take note that `events` are durable."""
        ...

    def remember_snapshot(self, snapshot: StoredSnapshot) -> None:
        """Take note that `snapshot` is durable."""
        ...


class HistoryOfPool:
    """The history that fits a pool: which one shows only when a connection is seen."""

    def __init__(self, executor: Executor, upcasters: Upcasters) -> None:
        self._pool = executor.pool
        # Both are made here, so that tasks that ask at the same time share one.
        self._in_database = DatabaseHistory(executor, upcasters)
        self._in_memory = MemoryHistory(upcasters)
        self._chosen: History | None = None

    async def get(self) -> History:
        """Return the history. Raises what the pool raises."""
        if self._chosen is None:
            self._chosen = self._in_memory if await is_write_only(self._pool) else self._in_database
        return self._chosen
