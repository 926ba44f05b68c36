"""What an event does to stock, as the library needs it: an item goes up or down.

This is all the store knows of the business. An event of another type, or without
an item and a whole positive quantity, moves no stock.
"""

from dataclasses import dataclass
from typing import Any

from worker.event_store.events import Event

STOCK_ADDED = "StockAdded"
STOCK_REMOVED = "StockRemoved"

_SIGNS = {STOCK_ADDED: 1, STOCK_REMOVED: -1}


@dataclass(frozen=True, slots=True)
class StockChange:
    """`delta` units of one item come or go."""

    item_id: str
    delta: int


def stock_change(event_type: str, data: dict[str, Any]) -> StockChange | None:
    """Return what the event moves, None where it moves nothing."""
    sign = _SIGNS.get(event_type)
    item_id, quantity = data.get("item_id"), data.get("quantity")
    if sign is None or not isinstance(item_id, str) or type(quantity) is not int or quantity <= 0:
        return None
    return StockChange(item_id, sign * quantity)


def fold_stock(state: dict[str, Any], event: Event) -> dict[str, Any]:
    """Apply `event` to `{item_id: units on hand}`; what `SnapshotWorker` folds with where nothing else is said."""
    change = stock_change(event.event_type, event.data)
    if change is not None:
        state[change.item_id] = state.get(change.item_id, 0) + change.delta
    return state
