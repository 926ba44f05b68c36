"""Finds the message that kills its worker, and no other.

Messages that come again may have been in work when a worker died. They are
taken up once more together, noted in the database before and forgotten after.
Those that are found there when they come once more are taken up one by one, so
that from then on each counts for itself. A message that was begun too often is
convicted: it is set aside without being looked at more than is needed.

What ends without a death, a handover or a lost connection, is forgotten, too.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from publisher.backoff import Backoff
from worker.event_store import EventStoreError, StoreUnavailable
from worker.lane.ports import Assignment, Ports

CRASH_LIMIT_ATTEMPTS = 5
"""A message is convicted after so many counted attempts, all but the first of them alone. Deaths for other reasons,
one after the other, may hit the same innocent twice or three times."""

BLIND_LIMIT_ATTEMPTS = CRASH_LIMIT_ATTEMPTS + 1
"""From here on, it is not even decoded to find out whom to answer: that may be what kills."""

FORGET_LIMIT_SECONDS = 2.0
"""A lane that ends does not wait longer for a database; one attempt too many is counted then."""

COUNT_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)

_DIGEST_BYTES = 16
_Result = TypeVar("_Result")


class Portion(NamedTuple):
    """Messages to be taken up together: those from `start` on, `stop` not among them."""

    start: int
    stop: int
    attempts: int
    """Of a single one: how often it was begun before."""

    @property
    def convicted(self) -> bool:
        """Whether it is set aside."""
        return self.attempts >= CRASH_LIMIT_ATTEMPTS

    @property
    def blind(self) -> bool:
        """Whether it is set aside without decoding it."""
        return self.attempts >= BLIND_LIMIT_ATTEMPTS


def digest_of_body(body: bytes) -> bytes:
    """Return by what a message is known again, without looking into it."""
    return blake2b(body, digest_size=_DIGEST_BYTES).digest()


def portions_by_attempts(earlier_attempts: Sequence[int]) -> list[Portion]:
    """Return how messages are taken up, in their order, that were begun so often before."""
    divided: list[Portion] = []
    for begun, places in groupby(enumerate(earlier_attempts), key=lambda entry: entry[1] > 0):
        run = list(places)
        if begun:
            divided += [Portion(place, place + 1, attempts) for place, attempts in run]
        else:
            divided.append(Portion(run[0][0], run[-1][0] + 1, 0))
    return divided


class Suspects:
    """Counts for one lane."""

    def __init__(self, assignment: Assignment, ports: Ports) -> None:
        self._partition = assignment.partition
        self._ledger = ports.ledger
        self._source = ports.source
        self._environment = ports.environment
        self._observer = ports.observer

    async def portions(self, bodies: Sequence[bytes]) -> list[Portion]:
        """Return how the messages with these bodies are to be taken up. Raises `SourceClosed`."""
        digests = [digest_of_body(body) for body in bodies]
        earlier = await self._insist(lambda: self._ledger.earlier_attempts(self._partition, digests))
        return portions_by_attempts([earlier.get(digest, 0) for digest in digests])

    @asynccontextmanager
    async def attempt(self, bodies: Sequence[bytes]) -> AsyncIterator[None]:
        """Count an attempt at these messages, unless it ends other than by the death of this worker."""
        digests = list(dict.fromkeys(digest_of_body(body) for body in bodies))
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
            self._observer.retried("count", error)

    async def _insist(self, call: Callable[[], Coroutine[Any, Any, _Result]]) -> _Result:
        delays_seconds = COUNT_BACKOFF.delays_seconds()
        while True:
            try:
                return await call()
            except StoreUnavailable as error:
                self._observer.retried("count", error)
                await self._source.pause(next(delays_seconds))
