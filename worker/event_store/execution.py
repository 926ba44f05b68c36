"""One statement, whole or not at all, also when its caller is cancelled.

Cancelling a statement that the server is working on leaves it in doubt. So a
caller that is cancelled before the statement begins stops at once, and one that
is cancelled later learns how it ended before it goes. The limit of that wait is
the pool's own `command_timeout`.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from worker.event_store.pools import Pool

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Progress:
    begun: bool = False
    done: bool = False


async def execute_whole(pool: Pool, query: str, *arguments: Any, then: Callable[[], None]) -> None:
    """Execute one statement and call `then` the moment it is durable, before anything else can happen.

    Raises what the pool raises; `then` was not called in that case. It may have
    been called when `asyncio.CancelledError` comes out: the cancellation came
    too late to stop the statement.
    """
    progress = _Progress()
    task = asyncio.create_task(_execute(pool, query, arguments, progress, then))
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        if not progress.begun:
            task.cancel()
        await _end_of(task)
        raise
    try:
        task.result()
    except Exception:
        if not progress.done:
            raise
        # Durable all the same: only the way back to the pool failed.
        _log.exception("a connection could not be given back")


async def _execute(
    pool: Pool, query: str, arguments: tuple[Any, ...], progress: _Progress, then: Callable[[], None]
) -> None:
    async with pool.acquire() as connection:
        progress.begun = True
        await connection.execute(query, *arguments)
        then()
        progress.done = True


async def _end_of(task: asyncio.Task[None]) -> None:
    """Wait until `task` is over, however often the caller is cancelled meanwhile; its caller raises for all of them."""
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            continue
    if not task.cancelled() and (error := task.exception()) is not None:
        # The caller gets its cancellation, so this is the only place where the failure shows.
        _log.warning("a statement failed while its caller was being cancelled: %r", error)
