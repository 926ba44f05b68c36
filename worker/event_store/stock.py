"""What an event does to stock, as the library needs it: items go up or down.

This is all the store knows of the business. An event of another type, or without
its items and a whole number of at most 15 digits, moves no stock: 2 is one, while
2.0, 2e0 and "2" are not. `sql/stock_moves.sql` counts the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from worker.event_store.events import Event

STOCK_ADDED = "StockAdded"
STOCK_REMOVED = "StockRemoved"
STOCK_ADJUSTED = "StockAdjusted"
STOCK_TRANSFERRED = "StockTransferred"
RESERVATION_FULFILLED = "ReservationFulfilled"

UNITS_BOUND = 10**15
"""No event moves so many units. Python writes floats from 1e16 on as 1e+16, which jsonb turns into a whole number."""


@dataclass(frozen=True, slots=True)
class StockChange:
    """`delta` units of one item come or go."""

    item_id: str
    delta: int


def stock_changes(event_type: str, data: dict[str, Any]) -> tuple[StockChange, ...]:
    """Return what the event moves, item by item; nothing where it moves nothing."""
    changes = CHANGES.get(event_type)
    # Other programs store what they like, also what is no object.
    return () if changes is None or not isinstance(data, dict) else changes(data)


def _added(data: dict[str, Any]) -> tuple[StockChange, ...]:
    return _moved(data, "item_id", 1)


def _removed(data: dict[str, Any]) -> tuple[StockChange, ...]:
    return _moved(data, "item_id", -1)


def _adjusted(data: dict[str, Any]) -> tuple[StockChange, ...]:
    item_id, difference = data.get("item_id"), data.get("difference")
    if not isinstance(item_id, str) or type(difference) is not int or abs(difference) >= UNITS_BOUND:
        return ()
    return (StockChange(item_id, difference),)


def _transferred(data: dict[str, Any]) -> tuple[StockChange, ...]:
    gone, come = _moved(data, "item_id", -1), _moved(data, "to_item_id", 1)
    return gone + come if gone and come and gone[0].item_id != come[0].item_id else ()


def _moved(data: dict[str, Any], item: str, sign: int) -> tuple[StockChange, ...]:
    item_id, units = data.get(item), data.get("quantity")
    if not isinstance(item_id, str) or type(units) is not int or not 0 < units < UNITS_BOUND:
        return ()
    return (StockChange(item_id, sign * units),)


CHANGES: Mapping[str, Callable[[dict[str, Any]], tuple[StockChange, ...]]] = {
    STOCK_ADDED: _added,
    STOCK_REMOVED: _removed,
    STOCK_ADJUSTED: _adjusted,
    STOCK_TRANSFERRED: _transferred,
    RESERVATION_FULFILLED: _removed,
}
"""Every type of event that moves stock."""


def fold_stock(state: dict[str, Any], event: Event) -> dict[str, Any]:
    """Apply `event` to `{item_id: units on hand}`; what `SnapshotWorker` folds with where nothing else is said."""
    for change in stock_changes(event.event_type, event.data):
        state[change.item_id] = state.get(change.item_id, 0) + change.delta
    return state
