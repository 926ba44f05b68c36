"""A store may outlive its loop: `asyncio.run` twice over one store is two loops. What belongs to the first is over."""

import asyncio
from typing import Any


def runs_here(task: asyncio.Task[Any] | None) -> bool:
    """Return whether `task` is under way in the running loop; one left over in a loop that ended never goes on."""
    return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()
