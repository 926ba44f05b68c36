"""What can happen to one SKU. An event is a fact: it is never refused and never changes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StockAdded:
    """`quantity` units came into `location`."""

    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockRemoved:
    """`quantity` units left `location`."""

    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockAdjusted:
    """What is on hand at `location` was corrected by `difference`; 0 where a count found what was expected."""

    location: str
    difference: int


@dataclass(frozen=True, slots=True)
class StockTransferred:
    """`quantity` units went from `location` to `to_location`."""

    location: str
    to_location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockReserved:
    """`quantity` units at `location` are held, until `expires_at` where that is set."""

    location: str
    reservation_id: str
    quantity: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReservationExtended:
    """The reservation ends at `expires_at` instead."""

    location: str
    reservation_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReservationReleased:
    """`quantity` held units were given back."""

    location: str
    reservation_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationFulfilled:
    """`quantity` held units were sold, and left `location`."""

    location: str
    reservation_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservationExpired:
    """The reservation was due: the `quantity` units that it still held were given back."""

    location: str
    reservation_id: str
    quantity: int


StockEvent = StockAdded | StockRemoved | StockAdjusted | StockTransferred
ReservationEvent = StockReserved | ReservationExtended | ReservationReleased | ReservationFulfilled | ReservationExpired
Event = StockEvent | ReservationEvent
