"""One SKU's stock at one version, and how an answer changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.results import Result

FOLLOWED_TYPES = frozenset(
    {"purchase", "restock", "adjust", "transfer", "reserve", "extend", "release", "fulfil", "expire"}
    | {"reserve_line", "sell_line", "release_line", "fulfil_line"}
)
"""Commands whose answer tells all that they change. After another one the stock is read again."""


class Level(NamedTuple):
    """Units at one location."""

    on_hand: int
    reserved: int


NOTHING = Level(0, 0)


@dataclass(frozen=True, slots=True)
class SkuStock:
    """What every location holds as of the SKU's event `version`; 0 before the first."""

    version: int
    levels: Mapping[str, Level]
    whole: bool = True
    """Whether the levels are as new as the version. Where another program has appended events without
    stock rows, the next command catches up with them: what it changes is more than its answer tells."""

    def at(self, location: str) -> Level:
        """Return the level of `location`; nothing where there never was any."""
        return self.levels.get(location, NOTHING)

    def after(self, answer: Result) -> "SkuStock | None":
        """Return the stock after `answer`; None where that cannot be told from it.

        That is so where events lie between, where the answer is of an unknown
        type, and where this stock is not `whole`.
        """
        if answer.version != self.version + 1 or not self.whole or not answer.applied:
            return None
        if answer.type not in FOLLOWED_TYPES or answer.location is None:
            return None
        if answer.on_hand is None or answer.reserved is None:
            return None
        levels = {**self.levels, answer.location: Level(answer.on_hand, answer.reserved)}
        if answer.to_location is not None:
            there = self.at(answer.to_location)
            levels[answer.to_location] = Level(there.on_hand + (answer.quantity or 0), there.reserved)
        return SkuStock(answer.version, levels)
