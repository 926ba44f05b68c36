"""The state that health checks ask for: whether the loop turns, and whether the worker is at work."""

import time


class Health:
    """The state of one worker process; written by its event loop, read by the HTTP thread."""

    LOOP_LIMIT_SECONDS = 30.0
    """A loop that has not turned for this long hangs."""

    def __init__(self) -> None:
        self._beat_at = time.monotonic()
        self.broker_problem: str | None = "starting"
        """Why no session is at work, or None."""
        self.database_problem: str | None = None
        """Why a lane could not commit when it last tried, or None."""

    def beat(self) -> None:
        """Note that the event loop turns."""
        self._beat_at = time.monotonic()

    @property
    def problem(self) -> str | None:
        """Why the worker is not ready, or None."""
        return self.broker_problem or self.database_problem

    @property
    def alive(self) -> bool:
        """Whether the event loop turned lately."""
        return time.monotonic() - self._beat_at < self.LOOP_LIMIT_SECONDS
