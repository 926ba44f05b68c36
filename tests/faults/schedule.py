"""Which fault comes when: a pure function of the seed."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

TARGET_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to come."""

    number: int
    at_seconds: float
    """From the start of the campaign."""
    kind: str
    target: int
    """Below `TARGET_LIMIT`; its kind knows whom that means."""

    def __str__(self) -> str:
        return f"{self.number:4d}  {self.at_seconds:7.2f} s  {self.kind}  ({self.target})"


def plan(seed: int, duration_seconds: float, weights: Mapping[str, int], every_seconds: float) -> list[Fault]:
    """Return the faults of a campaign, the earliest first: one in about `every_seconds`.

    First each kind once, in a random order, as far as the time reaches; from then on by their weights.
    """
    source = random.Random(seed)
    kinds = sorted(weights)
    first = source.sample(kinds, len(kinds))
    faults: list[Fault] = []
    at_seconds = source.uniform(0, every_seconds)
    while at_seconds < duration_seconds:
        number = len(faults)
        kind = first[number] if number < len(first) else source.choices(kinds, [weights[name] for name in kinds])[0]
        # Rounded for people; not up, which would be after the end.
        faults.append(Fault(number, math.floor(100 * at_seconds) / 100, kind, source.randrange(TARGET_LIMIT)))
        at_seconds += source.uniform(0.5, 1.5) * every_seconds
    return faults


def kills_one_by_one(first_number: int, count: int, every_seconds: float) -> list[Fault]:
    """Return the deaths of workers, one seat after the other; the first once `every_seconds` have passed."""
    return [
        Fault(first_number + index, round((index + 1) * every_seconds, 2), "worker.killed", index)
        for index in range(count)
    ]
