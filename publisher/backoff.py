"""How long to wait before trying again: a value, decided without a clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import random


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with a cap and equal jitter.

    Jitter spreads the clients of a server that has come back, see
    "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
    """

    first_seconds: float = 0.1
    cap_seconds: float = 5.0
    factor: float = 2.0

    def delays_seconds(self, draw: Callable[[], float] = random) -> Iterator[float]:
        """Yield the waits, for ever: each between half and all of its bound, which doubles up to the cap.

        `draw` gives a number from 0 to 1. The lower half is left out so that a
        server that refuses at once is never asked in a tight loop.
        """
        bound_seconds = self.first_seconds
        while True:
            yield bound_seconds * (0.5 + 0.5 * draw())
            bound_seconds = min(bound_seconds * self.factor, self.cap_seconds)
