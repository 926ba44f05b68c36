"""How often and when a decision is taken again after a conflict: a value one can replace."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import random


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, for a limited number of attempts.

    Two processes that met once would meet again if both waited equally long:
    each wait is drawn from the upper half of its bound.
    """

    attempts: int = 3
    """Attempts in all: the first one and its repetitions."""
    first_delay_seconds: float = 0.05
    """Several times the duration of an append, so that the other one is through by then."""
    delay_limit_seconds: float = 1.0
    factor: float = 2.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts must be 1 or more")

    def delays_seconds(self, draw: Callable[[], float] = random) -> Iterator[float]:
        """Yield the wait before each repetition. `draw` gives a number from 0 to 1."""
        bound_seconds = self.first_delay_seconds
        for _ in range(self.attempts - 1):
            yield bound_seconds * (0.5 + 0.5 * draw())
            bound_seconds = min(bound_seconds * self.factor, self.delay_limit_seconds)
