"""How many commands are due."""

from dataclasses import dataclass

FLAT_OUT_UNANSWERED = 5_000
"""So many on their way keep every lane of every worker busy, and none waits for long."""


@dataclass(slots=True)
class Pace:
    """So many a second from `began` on, whatever comes back; or, with None, as fast as answers come."""

    per_second: float | None
    began: float
    """On the clock of those who ask."""
    begun_count: int = 0
    """What has been sent since."""

    def due(self, now: float, unanswered_count: int) -> int:
        """Return how many should be sent now."""
        if self.per_second is None:
            return max(0, FLAT_OUT_UNANSWERED - unanswered_count)
        return max(0, int((now - self.began) * self.per_second) - self.begun_count)
