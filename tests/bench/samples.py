"""What a watched run says: a series of samples, and the figures drawn from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a contender."""

    seconds: float
    answered: int
    cpu_seconds: float
    resident_bytes: int


def working(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples from the first answer on: starting up is not measured."""
    return [sample for sample in samples if sample.answered > 0]


def commands_per_second(samples: Sequence[Sample]) -> float:
    """Return the rate from the first look that saw an answer to the last look."""
    first, last = _ends(samples)
    return (last.answered - first.answered) / (last.seconds - first.seconds)


def cpu_microseconds_per_command(samples: Sequence[Sample]) -> float:
    """Return the contender's own CPU over the same time."""
    first, last = _ends(samples)
    return (last.cpu_seconds - first.cpu_seconds) / (last.answered - first.answered) * MICROSECONDS


def _ends(samples: Sequence[Sample]) -> tuple[Sample, Sample]:
    watched = working(samples)
    if len(watched) < 2 or watched[0].answered == watched[-1].answered:
        raise ValueError("the backlog was answered between two looks: it must be larger")
    return watched[0], watched[-1]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of 100 of the `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    least: float
    most: float
    measured: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values), tuple(values))
