"""The loop of the collector: take, file, answer, acknowledge.

Nothing is acknowledged before it is in the ledger and its answer is confirmed.
A worker that dies in between leaves it to the next one, which finds it filed.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from publisher.backoff import Backoff
from worker.collecting.letters import Collected, collect, is_filed
from worker.event_store import EventStoreError, StoredAnswer
from worker.lane.answers import Answer, answered_before
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.outgoing import Outgoing
from worker.lane.ports import Assignment, Delivery, Environment, Observer, Outbox, PublishFailed, Source, SourceClosed
from worker.ledger.portions import portions_by_size

BATCH_LIMIT_LETTERS = 256

COLLECT_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)


class Box(Protocol):
    """Where letters are filed; see `worker.collecting.letter_box.LetterBox`."""

    async def file(self, collected: Sequence[Collected], now: datetime) -> Mapping[int, StoredAnswer]:
        """File a letter about each that is new, and return the answers of what was answered before."""


class Collector:
    """Collects for as long as its source lasts. Those of several workers share the queue."""

    def __init__(
        self,
        assignment: Assignment,
        *,
        source: Source,
        box: Box,
        outbox: Outbox,
        environment: Environment,
        observer: Observer,
        own_user: str,
    ) -> None:
        """Give what belongs to no lane to that of `assignment`; `own_user` is whom the broker knows lanes by."""
        self._assignment = assignment
        self._source = source
        self._box = box
        self._outbox = outbox
        self._environment = environment
        self._observer = observer
        self._own_user = own_user

    async def run(self) -> None:
        """Collect until the source closes."""
        try:
            while True:
                deliveries = await self._source.take(BATCH_LIMIT_LETTERS)
                await self._collect(deliveries)
                await self._source.acknowledge(deliveries[-1])
        except SourceClosed:
            return

    async def _collect(self, deliveries: Sequence[Delivery]) -> None:
        found = [
            collected
            for delivery in deliveries
            if not is_filed(delivery, self._own_user)
            for collected in collect(delivery, self._assignment)
        ]
        for portion in portions_by_size(found, _size_bytes):
            await self._again("collect", partial(self._file_and_answer, portion))

    async def _file_and_answer(self, found: Sequence[Collected]) -> None:
        known = await self._box.file(found, self._environment.now())
        outgoing = Outgoing(self._assignment.partition_count)
        for place, collected in enumerate(found):
            outgoing.add(_ending(collected.unprocessable, known.get(place)))
        if outgoing.messages:
            # Not its dead letters: there they come from.
            await self._outbox.publish([], outgoing.messages)
        self._observer.answered(
            Counter((answer.command_type, answer.outcome, answer.reason) for answer in outgoing.answers), []
        )

    async def _again(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        for delay_seconds in COLLECT_BACKOFF.delays_seconds():
            try:
                await work()
            except (EventStoreError, PublishFailed) as error:
                self._observer.retried(what, error)
                await self._source.pause(delay_seconds)
            else:
                return


def _size_bytes(collected: Collected) -> int:
    return len(collected.unprocessable.delivery.body)


def _ending(unprocessable: Unprocessable, known: StoredAnswer | None) -> Answer | Unprocessable:
    request = unprocessable.item
    if known is None or known.answer is None or not isinstance(request, Request | OrderRequest):
        return unprocessable
    return answered_before(request, known)
