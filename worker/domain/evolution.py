"""How an event changes the state. It asks no rule again: what happened, happened."""

from typing import assert_never

from worker.domain.events import Event, StockAdded, StockRemoved
from worker.domain.stock import Level, Stock


def evolve(stock: Stock, event: Event) -> Stock:
    """Return `stock` after `event`, one version later."""
    match event:
        case StockAdded():
            return _moved(stock, event.location, event.quantity)
        case StockRemoved():
            return _moved(stock, event.location, -event.quantity)
        case _:
            assert_never(event)


def _moved(stock: Stock, location: str, delta: int) -> Stock:
    level = stock.at(location)
    moved = Level(level.on_hand + delta, level.reserved)
    return Stock(stock.version + 1, {**stock.levels, location: moved})
