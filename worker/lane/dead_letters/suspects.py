"""Finds the message that kills its worker, and no other.

Messages that come again may have been in work when a worker died. They are
taken up once more together, noted in the database before and forgotten after.
Those that are found there when they come once more are taken up one by one, so
that from then on each counts for itself. A message that was begun too often is
convicted: it is set aside without being looked at more than is needed.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from hashlib import blake2b
from itertools import groupby
from typing import Any, NamedTuple

from publisher.backoff import Backoff
from worker.event_store import StoreUnavailable
from worker.lane.dead_letters.attempt_notes import AttemptNotes, Call
from worker.lane.ports import Assignment, Ports

CRASH_LIMIT_ATTEMPTS = 5
"""A message is convicted after so many counted attempts, all but the first of them alone. Deaths for other reasons,
one after the other, may hit the same innocent twice or three times."""

BLIND_LIMIT_ATTEMPTS = CRASH_LIMIT_ATTEMPTS + 1
"""From here on, it is not even decoded to find out whom to answer: that may be what kills."""

COUNT_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)

_DIGEST_BYTES = 16


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
        self._source = ports.source
        self._observer = ports.observer
        self._notes = AttemptNotes(
            assignment.partition, ports.ledger, ports.environment, insist=self._insist, on_left=self._tell
        )

    async def portions(self, bodies: Sequence[bytes]) -> list[Portion]:
        """Return how the messages with these bodies are to be taken up. Raises `SourceClosed`."""
        return portions_by_attempts(await self._notes.earlier([digest_of_body(body) for body in bodies]))

    def attempt(self, bodies: Sequence[bytes]) -> AbstractAsyncContextManager[None]:
        """Count an attempt at these messages, unless it ends other than by the death of this worker."""
        return self._notes.attempt(list(dict.fromkeys(digest_of_body(body) for body in bodies)))

    async def _insist(self, call: Call) -> Any:
        delays_seconds = COUNT_BACKOFF.delays_seconds()
        while True:
            try:
                return await call()
            except StoreUnavailable as error:
                self._tell(error)
                await self._source.pause(next(delays_seconds))

    def _tell(self, error: Exception) -> None:
        self._observer.retried("count", error)
