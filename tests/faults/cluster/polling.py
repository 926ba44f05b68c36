"""Waiting for what sends no signal: a process that has stopped, bytes that come by, a queue that is empty."""

import asyncio
from collections.abc import Callable

POLL_SECONDS = 0.02


async def poll_until(condition: Callable[[], bool], timeout_seconds: float) -> bool:
    """Return whether `condition()` came true in time."""
    clock = asyncio.get_running_loop().time
    deadline_seconds = clock() + timeout_seconds
    while clock() < deadline_seconds:
        if condition():
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False
