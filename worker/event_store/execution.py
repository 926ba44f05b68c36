"""One statement, whole or not at all, also when its caller is cancelled.

Cancelling a statement that the server is working on leaves it in doubt. So a
caller that is cancelled before the statement begins stops at once, and one that
is cancelled later learns how it ended before it goes. It does not wait for ever
for that: a statement that the database does not answer is left behind, in doubt.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from worker.event_store.pools import Pool
from worker.event_store.statements import statement

CANCELLED_WAIT_LIMIT_SECONDS = 5.0
"""How long a cancelled caller waits for its statement: a database that works answers within milliseconds."""

_log = logging.getLogger(__name__)

Statement = asyncio.Task[Any]
"""A statement under way."""


@dataclass(slots=True)
class _Progress:
    begun: bool = False
    done: bool = False


class Executor:
    """Executes single statements, each on a connection of the pool's own choice."""

    def __init__(self, pool: Pool, cancelled_wait_limit_seconds: float) -> None:
        if cancelled_wait_limit_seconds <= 0:
            raise ValueError("cancelled_wait_limit_seconds must be positive")
        self.pool = pool
        self.cancelled_wait_limit_seconds = cancelled_wait_limit_seconds
        self._left_behind: set[Statement] = set()

    async def fetch(self, name: str, *arguments: Any) -> list[Any]:
        """Return the rows of the statement `name`. Raises what the pool raises."""
        task = asyncio.create_task(self._fetch(statement(name), arguments))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            await self._end_of(task)
            raise
        return task.result()

    async def execute_whole(
        self, query: str, *arguments: Any, then: Callable[[], None], in_doubt: Callable[[Statement], None]
    ) -> None:
        """Execute one statement and call `then` the moment it is durable, before anything else can happen.

        Raises what the pool raises; `then` was not called in that case. It may have
        been called when `asyncio.CancelledError` comes out: the cancellation came
        too late to stop the statement. Where its end is not known by then,
        `in_doubt` was called with the statement; if that goes on and is answered
        after all, `then` is called late.
        """
        progress = _Progress()
        task = asyncio.create_task(self._execute(query, arguments, progress, then))
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            if not progress.begun:
                task.cancel()
            await self._end_of(task)
            if progress.begun and not progress.done:
                in_doubt(task)
            raise
        if task.cancelled() and progress.begun and not progress.done:  # by the pool, not by the caller
            in_doubt(task)
        try:
            task.result()
        except Exception:
            if not progress.done:
                raise
            # Durable all the same: only the way back to the pool failed.
            _log.exception("a connection could not be given back")
        if not progress.done:
            raise RuntimeError(
                "the pool's context manager swallowed an error: whether the statement took effect is unknown"
            )

    async def _fetch(self, query: str, arguments: tuple[Any, ...]) -> list[Any]:
        async with self.pool.acquire() as connection:
            return list(await connection.fetch(query, *arguments))

    async def _execute(
        self, query: str, arguments: tuple[Any, ...], progress: _Progress, then: Callable[[], None]
    ) -> None:
        async with self.pool.acquire() as connection:
            progress.begun = True
            await connection.execute(query, *arguments)
            then()
            progress.done = True

    async def _end_of(self, task: Statement) -> None:
        """Wait until `task` is over, however often the caller is cancelled meanwhile: it raises for all of them.

        After the limit the task is left to itself.
        """
        loop = asyncio.get_running_loop()
        given_up_at = loop.time() + self.cancelled_wait_limit_seconds
        while not task.done() and loop.time() < given_up_at:
            try:
                await asyncio.wait({task}, timeout=given_up_at - loop.time())
            except asyncio.CancelledError:
                continue
        if not task.done():
            _log.warning("a statement was left behind: the database has not answered since its caller was cancelled")
        # A set of our own: a loop keeps no reference to its tasks.
        self._left_behind.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: Statement) -> None:
        self._left_behind.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The caller gets its cancellation, so this is the only place where the failure shows.
            _log.warning("a statement failed whose caller was cancelled: %r", error)
