"""A read model in memory: the stock of every item of every aggregate."""

from dataclasses import dataclass, field

from worker.event_store.events import Event
from worker.event_store.seen_versions import SeenVersions
from worker.event_store.stock import CHANGES, stock_changes
from worker.event_store.store import EventStore


@dataclass(slots=True)
class _AggregateView:
    """The stock after the versions seen."""

    seen: SeenVersions = field(default_factory=SeenVersions)
    stock: dict[str, int] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Count the event unless it was counted: it may come twice, and in any order."""
        if self.seen.add(event.version):
            for change in stock_changes(event.event_type, event.data):
                self.stock[change.item_id] = self.stock.get(change.item_id, 0) + change.delta


_Views = dict[str, _AggregateView]


class ReadModelProjection:
    """Stock by aggregate and item, from the events it is handed.

    An event changes its numbers at once: a reader sees all of it or nothing.
    """

    def __init__(self) -> None:
        self._views: _Views = {}
        self._building: _Views | None = None
        self._event_store: EventStore | None = None

    async def handle_event(self, event: Event) -> None:
        """Count `event`, once however often it comes, and in any order.

        One that comes after more than `GAPS_LIMIT_VERSIONS` gaps between later ones is
        taken for one that was counted.

        After `rebuild`, versions that are missing before it (another process
        appended them, or they move no stock) are read from the store first.
        """
        view = self._views.get(event.aggregate_id)
        through = 0 if view is None else view.seen.through
        if self._event_store is not None and self._building is None and event.version > through + 1:
            async for missing in self._event_store.iterate_events(event.aggregate_id, through, event.version - 1):
                self._apply(missing)
        self._apply(event)

    def get_stock(self, aggregate_id: str, item_id: str) -> int:
        """Return the units on hand as far as events have come, 0 where the item is unknown."""
        view = self._views.get(aggregate_id)
        return 0 if view is None else view.stock.get(item_id, 0)

    async def rebuild(self, event_store: EventStore) -> None:
        """Build anew from all that `event_store` holds, and follow it from then on without a gap.

        Readers see the old numbers until the new ones are complete. What other
        processes append shows with this store's next event of the same aggregate,
        or the next rebuild. Raises what the store raises; the old numbers stay.
        """
        building: _Views = {}
        self._building = building
        try:
            # First follow, then read: what is appended in between comes both ways and counts once.
            for event_type in CHANGES:
                event_store.subscribe(event_type, self.handle_event)
            for aggregate_id in await event_store.aggregate_ids():
                await _read(event_store, aggregate_id, building)
            self._views, self._event_store = building, event_store
        finally:
            self._building = None

    def _apply(self, event: Event) -> None:
        for views in (self._views, self._building):
            if views is not None:
                views.setdefault(event.aggregate_id, _AggregateView()).apply(event)


async def _read(event_store: EventStore, aggregate_id: str, views: _Views) -> None:
    async for event in event_store.iterate_events(aggregate_id):
        views.setdefault(aggregate_id, _AggregateView()).apply(event)
