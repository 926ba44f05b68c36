"""What may be asked of one SKU. Quantities are units, 1 or more."""

from dataclasses import dataclass


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


Command = Purchase | Restock | SetStock | ChangeStock | Transfer
