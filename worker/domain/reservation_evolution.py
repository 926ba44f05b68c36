"""How an event changes the reservation that it names."""

from collections.abc import Callable, Mapping
from typing import Any

from worker.domain.events import (
    ReservationEvent,
    ReservationExpired,
    ReservationExtended,
    ReservationFulfilled,
    ReservationReleased,
    StockReserved,
)
from worker.domain.reservation import Reservation, ReservationStatus


def evolve_reservation(reservation: Reservation | None, event: ReservationEvent) -> Reservation:
    """Return `reservation` after `event`.

    Raises `ValueError` where that cannot follow: it was reserved already, or never, or at another location.
    """
    if isinstance(event, StockReserved):
        if reservation is not None:
            raise ValueError(f"{event.reservation_id}: it was reserved before")
        held = event.quantity
        return Reservation(event.location, held, held, 0, 0, ReservationStatus.HELD, event.expires_at)
    if reservation is None:
        raise ValueError(f"{event.reservation_id}: nothing was reserved before {type(event).__name__}")
    if event.location != reservation.location:
        raise ValueError(f"{event.reservation_id}: held at {reservation.location}, not at {event.location}")
    return EFFECTS[type(event)](reservation, event)


def _extended(reservation: Reservation, event: ReservationExtended) -> Reservation:
    return reservation._replace(expires_at=event.expires_at)


def _released(reservation: Reservation, event: ReservationReleased) -> Reservation:
    return _given_back(reservation, event.quantity, ReservationStatus.RELEASED)


def _expired(reservation: Reservation, event: ReservationExpired) -> Reservation:
    return _given_back(reservation, event.quantity, ReservationStatus.EXPIRED)


def _given_back(reservation: Reservation, quantity: int, closing: ReservationStatus) -> Reservation:
    left = reservation.held - quantity
    return reservation._replace(
        held=left,
        released=reservation.released + quantity,
        status=reservation.status if left else closing,
    )


def _fulfilled(reservation: Reservation, event: ReservationFulfilled) -> Reservation:
    left = reservation.held - event.quantity
    return reservation._replace(
        held=left,
        fulfilled=reservation.fulfilled + event.quantity,
        status=reservation.status if left else ReservationStatus.FULFILLED,
    )


EFFECTS: Mapping[type[ReservationEvent], Callable[[Reservation, Any], Reservation]] = {
    ReservationExtended: _extended,
    ReservationReleased: _released,
    ReservationFulfilled: _fulfilled,
    ReservationExpired: _expired,
}
