"""What a reader of the stock view gets."""

from typing import NamedTuple


class StockReading(NamedTuple):
    """What one location holds of one SKU, in units, and how old that may be.

    It was true at some instant of the last `age_seconds`. With `stale` false
    that is at most the view's `max_age_seconds`, or an instant after the reader
    asked; with `stale` true it may be older, and is what was known last.

    `version` is that of the SKU, as in a `Result`: 0 where it never had an event.
    """

    sku: str
    location: str
    on_hand: int
    reserved: int
    version: int
    age_seconds: float
    stale: bool

    @property
    def available(self) -> int:
        """Units that a purchase could take then. Whether it does is decided by the owner alone."""
        return self.on_hand - self.reserved
