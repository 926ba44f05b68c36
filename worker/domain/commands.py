"""What may be asked of one SKU. Quantities are units, 1 or more."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Purchase:
    """Take stock out of a location."""

    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Restock:
    """Put stock into a location."""

    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SetStock:
    """Make `count` what is on hand at a location: somebody has counted."""

    location: str
    count: int


@dataclass(frozen=True, slots=True)
class ChangeStock:
    """Correct what is on hand at a location by `difference`, up or down."""

    location: str
    difference: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Move stock from one location to another."""

    location: str
    to_location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold stock of a location, for ever or for a while."""

    location: str
    reservation_id: str
    quantity: int
    expires_in: timedelta | None


@dataclass(frozen=True, slots=True)
class Extend:
    """Let a reservation last until `expires_in` from now."""

    location: str
    reservation_id: str
    expires_in: timedelta


@dataclass(frozen=True, slots=True)
class Release:
    """Give held stock back, all of it where no quantity is named."""

    location: str
    reservation_id: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Fulfil:
    """Sell held stock, all of it where no quantity is named."""

    location: str
    reservation_id: str
    quantity: int | None


@dataclass(frozen=True, slots=True)
class Expire:
    """Give held stock back, if the reservation ends at `expires_at`."""

    location: str
    reservation_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ReserveLine:
    """Hold stock of a location for a whole order, before `not_after`; where `allow_partial`, what is there will do.

    It is held until the order is decided: it has no end of its own.
    """

    location: str
    reservation_id: str
    quantity: int
    allow_partial: bool
    not_after: datetime


@dataclass(frozen=True, slots=True)
class SellLine:
    """Take stock out of a location for a whole order, before `not_after`; where `allow_partial`, what is there will do.

    It decides the order, all of whose other lines have their units.
    """

    location: str
    quantity: int
    allow_partial: bool
    not_after: datetime


StockCommand = Purchase | Restock | SetStock | ChangeStock | Transfer
ReservationCommand = Reserve | Extend | Release | Fulfil | Expire
LineCommand = ReserveLine | SellLine
Command = StockCommand | ReservationCommand | LineCommand
