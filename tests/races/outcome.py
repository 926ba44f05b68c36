"""What all schedules of one program came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tests.races.till import Till

Step = tuple[int, str]
"""Who, by number, and what."""


@dataclass(slots=True)
class Outcome:
    """How many schedules there were, in how many more was sold than there was, and the worst stock of all."""

    schedules: int = 0
    oversold: int = 0
    worst: int | None = None
    shortest: tuple[Step, ...] = ()
    """The shortest way to oversell; of several, one in which the buyer changes least often."""

    def count(self, lowest: int, story: tuple[Step, ...] = ()) -> None:
        """Add a run that went as low as `lowest`; `story` is how it oversold, where it did."""
        self.schedules += 1
        self.oversold += lowest < 0
        self.worst = lowest if self.worst is None else min(self.worst, lowest)
        if story and (not self.shortest or _length(story) < _length(self.shortest)):
            self.shortest = story


def of_tills(tills: Iterable[Till]) -> Outcome:
    """Return what the naive runs came to."""
    outcome = Outcome()
    for till in tills:
        outcome.count(till.lowest, tuple(till.story[: till.oversold_at or 0]))
    return outcome


def of_lowest(lowest: Iterable[int]) -> Outcome:
    """Return what runs came to of which the lowest stock is known."""
    outcome = Outcome()
    for stock in lowest:
        outcome.count(stock)
    return outcome


def _length(story: tuple[Step, ...]) -> tuple[int, int]:
    changes = sum(one[0] != other[0] for one, other in pairwise(story))
    return len(story), changes
