"""The rule by which a figure is flat.

The first quarter of the soak is left out: pages of an index that is small split together. What is
left is halved, and the median of the second half must not exceed that of the first by more than a limit. A median,
since each fault moves a figure for a while, and faults are spread evenly; so what remains is what adds up.
"""

from dataclasses import dataclass
from statistics import median

from tests.bench.report import Goal
from tests.soak.series import Series

WARM_UP_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Halves:
    """The medians of both halves, and the most there ever was."""

    first: float
    second: float
    most: float

    @property
    def growth(self) -> float:
        """How much more there is in the second half."""
        return self.second - self.first


def halves(series: Series, duration_seconds: float) -> Halves:
    """Return the medians; raises `ValueError` where a half has no point."""
    begins = WARM_UP_SHARE * duration_seconds
    middle = (begins + duration_seconds) / 2
    first = [value for seconds, value in series.points if begins <= seconds < middle]
    second = [value for seconds, value in series.points if middle <= seconds]
    if not first or not second:
        raise ValueError(f"too few looks at the {series.name}")
    return Halves(median(first), median(second), max(value for _, value in series.points))


@dataclass(frozen=True, slots=True)
class Limit:
    """How much a figure may grow: by `absolute`, and by `share` of what it was."""

    absolute: float
    share: float = 0.0


# Each is more than what soaks of default length have grown by, and small beside what a leak adds up to.
LIMITS: dict[str, Limit] = {
    # 4 bytes a command, or a quarter of a megabyte at each lost connection. The mortal's memory tells its age only.
    "memory of the survivor": Limit(2.0),
    # Less than one at each lost connection; two are a connection that is just being opened, or closed.
    "descriptors of the survivor": Limit(2),
    "descriptors of the mortal": Limit(2),
    # Autovacuum comes when a fifth of a table is dead: a saw, of which a half may hold one tooth more.
    "dead rows for 100 live ones": Limit(2.0),
    # Pages of an index over random ids split when they are full, many at a time: from half full to full and back.
    "index bytes per command": Limit(0, share=0.05),
    "table bytes per command": Limit(0, share=0.02),
    # What a fault held up is worked off before the next.
    "age of the oldest command": Limit(0.25),
}


def goal(name: str, seen: Halves) -> Goal:
    """Return whether the figure is flat."""
    limit = LIMITS[name]
    return Goal(f"growth of {name}", round(seen.growth, 4), "at most", limit.absolute + limit.share * seen.first, "")
