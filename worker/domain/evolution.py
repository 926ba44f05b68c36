"""How an event changes the state. It asks no rule again: what happened, happened."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from worker.domain.events import (
    Event,
    ReservationExpired,
    ReservationExtended,
    ReservationFulfilled,
    ReservationReleased,
    StockAdded,
    StockAdjusted,
    StockRemoved,
    StockReserved,
    StockTransferred,
)
from worker.domain.stock import Level, Stock


class Movement(NamedTuple):
    """What an event changes at one location, in units. Each is a row of the audit, also where it is 0."""

    location: str
    on_hand: int
    reserved: int = 0


def movements(event: Event) -> tuple[Movement, ...]:
    """Return what `event` changes, location by location."""
    return EFFECTS[type(event)](event)


def evolve(stock: Stock, event: Event) -> Stock:
    """Return `stock` after `event`, one version later."""
    return move(stock, movements(event))


def move(stock: Stock, moved: tuple[Movement, ...]) -> Stock:
    """Return `stock` after the event whose movements are `moved`."""
    levels = dict(stock.levels)
    for movement in moved:
        level = stock.at(movement.location)
        levels[movement.location] = Level(level.on_hand + movement.on_hand, level.reserved + movement.reserved)
    return Stock(stock.version + 1, levels)


def _added(event: StockAdded) -> tuple[Movement, ...]:
    return (Movement(event.location, event.quantity),)


def _removed(event: StockRemoved) -> tuple[Movement, ...]:
    return (Movement(event.location, -event.quantity),)


def _adjusted(event: StockAdjusted) -> tuple[Movement, ...]:
    return (Movement(event.location, event.difference),)


def _transferred(event: StockTransferred) -> tuple[Movement, ...]:
    return (Movement(event.location, -event.quantity), Movement(event.to_location, event.quantity))


def _reserved(event: StockReserved) -> tuple[Movement, ...]:
    return (Movement(event.location, 0, event.quantity),)


def _extended(event: ReservationExtended) -> tuple[Movement, ...]:
    return (Movement(event.location, 0),)


def _given_back(event: ReservationReleased | ReservationExpired) -> tuple[Movement, ...]:
    return (Movement(event.location, 0, -event.quantity),)


def _fulfilled(event: ReservationFulfilled) -> tuple[Movement, ...]:
    return (Movement(event.location, -event.quantity, -event.quantity),)


EFFECTS: Mapping[type[Event], Callable[[Any], tuple[Movement, ...]]] = {
    StockAdded: _added,
    StockRemoved: _removed,
    StockAdjusted: _adjusted,
    StockTransferred: _transferred,
    StockReserved: _reserved,
    ReservationExtended: _extended,
    ReservationReleased: _given_back,
    ReservationFulfilled: _fulfilled,
    ReservationExpired: _given_back,
}
"""Every event's effect."""
