"""The rule of each command about a reservation, in a table.

What arrives around the due time is judged by the time of the decision alone:
before it, the reservation is held; at it or after, it has expired, whether or
not the event that says so has been written yet. Only `Expire` asks no clock:
it names the due time that has come, so that two clocks that differ a little
cannot let a reservation last for ever.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from worker.domain.commands import Expire, Extend, Fulfil, Release, ReservationCommand, Reserve
from worker.domain.events import (
    ReservationEvent,
    ReservationExpired,
    ReservationExtended,
    ReservationFulfilled,
    ReservationReleased,
    StockReserved,
)
from worker.domain.refusals import Refusal, RefusalReason
from worker.domain.reservation import Reservation, ReservationStatus
from worker.domain.stock import Stock
from worker.domain.stock_rules import lacking

_CLOSED = {
    ReservationStatus.FULFILLED: RefusalReason.ALREADY_FULFILLED,
    ReservationStatus.RELEASED: RefusalReason.ALREADY_RELEASED,
    ReservationStatus.EXPIRED: RefusalReason.RESERVATION_EXPIRED,
}

Decision = ReservationEvent | Refusal


def _reserve(stock: Stock, command: Reserve, now: datetime, reservation: Reservation | None) -> Decision:
    expires_at = None if command.expires_in is None else now + command.expires_in
    return (
        taken(command.reservation_id, reservation)
        or lacking(stock, command.location, command.quantity)
        or StockReserved(command.location, command.reservation_id, command.quantity, expires_at)
    )


def taken(reservation_id: str, reservation: Reservation | None) -> Refusal | None:
    """Return the refusal where the id is that of another reservation."""
    if reservation is None:
        return None
    return Refusal(
        RefusalReason.RESERVATION_EXISTS,
        f"{reservation_id} is a reservation at {reservation.location}, {reservation.status}",
    )


def _extend(_stock: Stock, command: Extend, now: datetime, reservation: Reservation | None) -> Decision:
    held = _held(command, now, reservation)
    if isinstance(held, Refusal):
        return held
    return ReservationExtended(command.location, command.reservation_id, now + command.expires_in)


def _release(_stock: Stock, command: Release, now: datetime, reservation: Reservation | None) -> Decision:
    quantity = _part(command, now, reservation)
    if isinstance(quantity, Refusal):
        return quantity
    return ReservationReleased(command.location, command.reservation_id, quantity)


def _fulfil(_stock: Stock, command: Fulfil, now: datetime, reservation: Reservation | None) -> Decision:
    quantity = _part(command, now, reservation)
    if isinstance(quantity, Refusal):
        return quantity
    return ReservationFulfilled(command.location, command.reservation_id, quantity)


def _expire(_stock: Stock, command: Expire, _now: datetime, reservation: Reservation | None) -> Decision:
    held = _open(command, reservation)
    if isinstance(held, Refusal):
        return held
    if held.expires_at != command.expires_at:
        return Refusal(RefusalReason.NOT_DUE, f"{command.reservation_id} is due at {held.expires_at or 'no time'}")
    return ReservationExpired(command.location, command.reservation_id, held.held)


def _part(command: Release | Fulfil, now: datetime, reservation: Reservation | None) -> int | Refusal:
    held = _held(command, now, reservation)
    if isinstance(held, Refusal):
        return held
    quantity = held.held if command.quantity is None else command.quantity
    if quantity > held.held:
        return Refusal(
            RefusalReason.QUANTITY_EXCEEDS_RESERVATION,
            f"{quantity} asked for, {command.reservation_id} holds {held.held}",
        )
    return quantity


def _held(command: Extend | Release | Fulfil, now: datetime, reservation: Reservation | None) -> Reservation | Refusal:
    found = _open(command, reservation)
    if isinstance(found, Reservation) and found.is_due(now):
        return Refusal(
            RefusalReason.RESERVATION_EXPIRED,
            f"{command.reservation_id} was due at {found.expires_at}, this was decided at {now}",
        )
    return found


def _open(command: Extend | Release | Fulfil | Expire, reservation: Reservation | None) -> Reservation | Refusal:
    if reservation is None or reservation.location != command.location:
        elsewhere = "" if reservation is None else f", but at {reservation.location}"
        return Refusal(
            RefusalReason.UNKNOWN_RESERVATION,
            f"{command.reservation_id} is no reservation at {command.location}{elsewhere}",
        )
    if reservation.status is not ReservationStatus.HELD:
        return Refusal(
            _CLOSED[reservation.status],
            f"{command.reservation_id} holds nothing any more: {reservation.fulfilled} of {reservation.quantity} "
            f"were fulfilled, {reservation.released} given back",
        )
    return reservation


RESERVATION_RULES: Mapping[type[ReservationCommand], Callable[[Stock, Any, datetime, Reservation | None], Decision]] = {
    Reserve: _reserve,
    Extend: _extend,
    Release: _release,
    Fulfil: _fulfil,
    Expire: _expire,
}
