"""What can happen to one SKU. An event is a fact: it is never refused and never changes."""

from dataclasses import dataclass


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


Event = StockAdded | StockRemoved | StockAdjusted | StockTransferred
