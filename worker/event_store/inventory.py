"""The stock of one aggregate, item by item: never below zero."""

from collections.abc import Sequence

from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.appending.plan import NewEvent
from worker.event_store.events import Event
from worker.event_store.stock import STOCK_ADDED, STOCK_REMOVED
from worker.event_store.store import DEFAULT_USER, EventStore


class InventoryAggregate:
    """Adds and removes units of items; decisions use the state at the current version.

    It holds nothing of its own: any number of instances, tasks and processes may
    work on the same aggregate.
    """

    def __init__(self, event_store: EventStore, aggregate_id: str) -> None:
        self._event_store = event_store
        self._aggregate_id = aggregate_id

    async def load(self) -> None:
        """Load the state, which every other call does by itself: the next one is quicker for it."""
        await self._event_store.stock(self._aggregate_id)

    async def add_stock(self, item_id: str, quantity: int, *, user: str = DEFAULT_USER) -> Event:
        """Add `quantity` units, 1 or more. Raises `ValueError` if it is less, `TypeError` if it is no whole number."""
        _require_countable(item_id, quantity)
        return await self._event_store.append_event(
            self._aggregate_id, STOCK_ADDED, {"item_id": item_id, "quantity": quantity}, user=user
        )

    async def remove_stock(self, item_id: str, quantity: int, *, user: str = DEFAULT_USER) -> Event:
        """Remove `quantity` units, 1 or more.

        Raises `ValueError` if it is less or more than is there, and
        `ConcurrencyConflictError` if other processes were faster at every attempt.
        """
        _require_countable(item_id, quantity)
        removed = NewEvent.of(STOCK_REMOVED, {"item_id": item_id, "quantity": quantity})

        def decide(kept: KeptAggregate) -> Sequence[NewEvent]:
            current = kept.available(item_id)
            if current < quantity:
                raise ValueError(f"Insufficient stock: {current} < {quantity}")
            return [removed]

        return (await self._event_store.decide_and_append(self._aggregate_id, decide, user=user))[0]

    async def get_stock(self, item_id: str) -> int:
        """Return the units on hand now, 0 where the item is unknown."""
        return (await self._event_store.stock(self._aggregate_id)).on_hand.get(item_id, 0)


def _require_countable(item_id: str, quantity: int) -> None:
    if quantity <= 0:
        raise ValueError("Quantity must be positive")
    # An event with anything else would be kept and move nothing.
    if type(quantity) is not int:
        raise TypeError(f"a quantity is an int, not {type(quantity).__name__}")
    if not isinstance(item_id, str):
        raise TypeError(f"an item is named by a str, not {type(item_id).__name__}")
