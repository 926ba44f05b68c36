"""The history of a store over a write-only pool: what it appended itself.

There is nowhere else to read it from, so all of it stays in memory.
"""

from collections.abc import AsyncIterator

from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.events import Event
from worker.event_store.history.stored import StoredEvent, StoredSnapshot
from worker.event_store.history.upcasting import Upcasters

_PAGE_LIMIT = 1_000
"""Events decoded at once: enough to be quick, few enough to let other tasks run in between."""


class MemoryHistory:
    """Events and snapshots as they were written, by aggregate."""

    is_shared = False

    def __init__(self, upcasters: Upcasters) -> None:
        self._upcasters = upcasters
        self._events: dict[str, list[StoredEvent]] = {}
        self._snapshots: dict[str, StoredSnapshot] = {}

    async def has_stock_tables(self) -> bool:
        """Assume the project's own schema: a write-only pool cannot be asked."""
        return True

    async def has_snapshot_mark(self) -> bool:
        """Assume the project's own schema: a write-only pool cannot be asked."""
        return True

    async def pages(self, aggregate_id: str, after: int, through: int | None = None) -> AsyncIterator[list[Event]]:
        """Give the events of versions `after` + 1 to `through` in order; those appended meanwhile are left out."""
        stored = self._events.get(aggregate_id, [])
        end = len(stored) if through is None else min(through, len(stored))
        for start in range(max(after, 0), end, _PAGE_LIMIT):
            page = stored[start : min(start + _PAGE_LIMIT, end)]
            yield [event.event(self._upcasters) for event in page]

    async def newest_version(self, aggregate_id: str) -> int:
        """Return the version of the last event, 0 where there is none."""
        return len(self._events.get(aggregate_id, []))

    async def event_id_at(self, aggregate_id: str, version: int) -> str | None:
        """Return which event took `version`."""
        stored = self._events.get(aggregate_id, [])
        return stored[version - 1].event_id if 1 <= version <= len(stored) else None

    async def aggregate_ids(self) -> list[str]:
        """Return every aggregate that has events."""
        return sorted(self._events)

    async def snapshot(self, aggregate_id: str) -> StoredSnapshot | None:
        """Return the newest snapshot, None where there is none."""
        return self._snapshots.get(aggregate_id)

    async def load(self, aggregate_id: str, known: KeptAggregate | None) -> KeptAggregate:
        """Return the aggregate as it stands, folded on from `known`."""
        kept = KeptAggregate() if known is None else known.copy()
        async for page in self.pages(aggregate_id, kept.version):
            for event in page:
                kept.apply(event)
        return kept

    def remember(self, events: list[StoredEvent]) -> None:
        """Keep `events`, the next ones of their aggregate."""
        for event in events:
            self._events.setdefault(event.aggregate_id, []).append(event)

    def remember_snapshot(self, snapshot: StoredSnapshot) -> None:
        """Keep `snapshot` unless a newer one is kept."""
        kept = self._snapshots.get(snapshot.aggregate_id)
        if kept is None or kept.version <= snapshot.version:
            self._snapshots[snapshot.aggregate_id] = snapshot
