"""Waiting for what sends no signal: a server that is coming up."""

import time
from collections.abc import Callable

POLL_INTERVAL_SECONDS = 0.1


def poll_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Return whether `condition()` came true in time."""
    deadline_seconds = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline_seconds:
            return False
        time.sleep(POLL_INTERVAL_SECONDS)
    return True
