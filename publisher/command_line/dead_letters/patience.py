"""How long to wait for workers, and when to say that nothing happens: pure, time is an argument."""

QUIET_LIMIT_SECONDS = 10.0
"""After so long without any progress, the operator is told where to look."""


class Patience:
    """Of one waiting, which began at `now_seconds` and has a time, or lasts until it ends."""

    def __init__(self, timeout_seconds: float | None, now_seconds: float) -> None:
        self._ends_seconds = None if timeout_seconds is None else now_seconds + timeout_seconds
        self._changed_seconds = now_seconds
        self._done = 0
        self._told = False

    def is_over(self, now_seconds: float) -> bool:
        """Return whether the time has run out."""
        return self._ends_seconds is not None and now_seconds >= self._ends_seconds

    def is_quiet(self, done: int, now_seconds: float) -> bool:
        """Return whether it is to be told now, once, that nothing more than `done` letters is done since long."""
        if done != self._done:
            self._done, self._changed_seconds = done, now_seconds
        quiet = now_seconds - self._changed_seconds >= QUIET_LIMIT_SECONDS and not self._told
        self._told = self._told or quiet
        return quiet
