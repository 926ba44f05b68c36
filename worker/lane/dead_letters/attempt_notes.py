"""Notes what is begun until it is ended: what is found noted was in work when a worker died.

What ends without a death, a handover or a lost connection, is forgotten, too.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from worker.event_store import EventStoreError
from worker.lane.ports import Environment, Ledger

FORGET_LIMIT_SECONDS = 2.0
"""Who ends other than well waits no longer for a database; one attempt too many is counted then."""

Call = Callable[[], Coroutine[Any, Any, Any]]


class AttemptNotes:
    """Those of one partition."""

    def __init__(
        self,
        partition: int,
        ledger: Ledger,
        environment: Environment,
        *,
        insist: Callable[[Call], Awaitable[Any]],
        on_left: Callable[[Exception], None],
    ) -> None:
        """`insist` makes the calls that must succeed; `on_left` is told why what killed nobody stays noted."""
        self._partition = partition
        self._ledger = ledger
        self._environment = environment
        self._insist = insist
        self._on_left = on_left

    async def earlier(self, digests: Sequence[bytes]) -> list[int]:
        """Return how often each was begun and not ended."""
        attempts: dict[bytes, int] = await self._insist(lambda: self._ledger.earlier_attempts(self._partition, digests))
        return [attempts.get(digest, 0) for digest in digests]

    @asynccontextmanager
    async def attempt(self, digests: Sequence[bytes]) -> AsyncIterator[None]:
        """Count an attempt at these, unless it ends other than by the death of this worker. Each must be named once."""
        now = self._environment.now
        await self._insist(lambda: self._ledger.note_attempts(self._partition, digests, now()))
        try:
            yield
        except (Exception, asyncio.CancelledError):
            await self._forget_if_possible(digests)
            raise
        await self._insist(lambda: self._ledger.forget_attempts(self._partition, digests, now()))

    async def _forget_if_possible(self, digests: Sequence[bytes]) -> None:
        try:
            async with asyncio.timeout(FORGET_LIMIT_SECONDS):
                await self._ledger.forget_attempts(self._partition, digests, self._environment.now())
        except (EventStoreError, TimeoutError) as error:
            self._on_left(error)
