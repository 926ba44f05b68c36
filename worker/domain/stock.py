"""The state of one SKU."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ON_HAND_LIMIT = 10**15
"""Units at one location. Below 2**53, so every JSON reader counts them exactly."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one location holds, in units: 0 <= reserved <= on_hand <= `ON_HAND_LIMIT`."""

    on_hand: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """What can still be sold."""
        return self.on_hand - self.reserved


EMPTY_LEVEL = Level()


@dataclass(frozen=True, slots=True)
class Stock:
    """One SKU at all its locations, after `version` events."""

    version: int = 0
    levels: Mapping[str, Level] = field(default_factory=dict)

    def at(self, location: str) -> Level:
        """Return the level at `location`, empty where nothing ever was."""
        return self.levels.get(location, EMPTY_LEVEL)
