"""What a lane would say if it were asked how it is."""

from collections.abc import Callable
from datetime import datetime

from worker.ownership import LaneError

ERROR_LIMIT_CHARACTERS = 300


class LaneRecord:
    """Kept while a worker has the partition in its share, also when one lane follows another."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.since = now()
        self.epoch: int | None = None
        self.oldest: datetime | None = None
        """When the oldest command of the batch in work was issued."""
        self.last_error: LaneError | None = None

    def note_error(self, what: str, error: BaseException | str) -> None:
        """Remember what went wrong: only the last is kept."""
        message = f"{what}: {str(error) or type(error).__name__}"
        self.last_error = LaneError(self._now(), message[:ERROR_LIMIT_CHARACTERS])

    def age_seconds(self, moment: datetime) -> float:
        """Return how long ago `moment` was; 0 where a sender's clock runs ahead."""
        return max(0.0, (self._now() - moment).total_seconds())
