"""The state of one reservation: units of one location that are held for somebody."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class ReservationStatus(StrEnum):
    """Whether units are held; if not, what became of the last ones."""

    HELD = "held"
    FULFILLED = "fulfilled"
    RELEASED = "released"
    EXPIRED = "expired"


class Reservation(NamedTuple):
    """`quantity` units in all: still held, sold, or given back by command or by expiry."""

    location: str
    quantity: int
    held: int
    fulfilled: int
    released: int
    status: ReservationStatus
    expires_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Return whether its time is up: at `expires_at` and after."""
        return self.expires_at is not None and now >= self.expires_at
