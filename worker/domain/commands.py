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


Command = Purchase | Restock
