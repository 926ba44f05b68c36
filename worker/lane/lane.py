"""The loop of one partition: take, settle, publish, acknowledge.

A batch is what has arrived while the last one was on its way: one command when
the shop is quiet, many when it is busy; there is no timer. Nothing is
acknowledged before its effect is durable and its answer confirmed by the
broker, so a lane may die at any point and its successor finishes the work.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from publisher.backoff import Backoff
from worker.event_store import Fenced
from worker.lane.answers import Answer
from worker.lane.decoding import Request, Unprocessable, decode
from worker.lane.orders.line_replies import PassedOver
from worker.lane.outgoing import Outgoing
from worker.lane.ports import (
    Assignment,
    DeadLetter,
    Delivery,
    Environment,
    LineCommandOut,
    Observer,
    Outbox,
    PublishFailed,
    Reply,
    Source,
    SourceClosed,
    Store,
)
from worker.lane.settling import Settler

BATCH_LIMIT_COMMANDS = 256
"""A longer batch saves little more per command and makes the first one wait for the last."""

PREFETCH_COMMANDS = 2 * BATCH_LIMIT_COMMANDS
"""One batch in work and one arriving meanwhile; the rest waits at the broker, not in our memory."""

PUBLISH_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)


class Lane:
    """The one writer of one partition, for as long as its source lasts."""

    def __init__(
        self,
        assignment: Assignment,
        *,
        source: Source,
        store: Store,
        outbox: Outbox,
        environment: Environment,
        observer: Observer,
    ) -> None:
        self._assignment = assignment
        self._source = source
        self._outbox = outbox
        self._environment = environment
        self._observer = observer
        self._settler = Settler(assignment, store, source, environment, observer)

    async def run(self) -> None:
        """Work until the source closes or another owner takes over.

        Either way what is unacknowledged will be delivered again, to whoever is next.
        """
        try:
            while True:
                await self._process(await self._source.take(BATCH_LIMIT_COMMANDS))
        except SourceClosed:
            return
        except Fenced as error:
            self._observer.conflicted("fence", error)
        finally:
            self._observer.waiting_since(None)

    async def _process(self, deliveries: Sequence[Delivery]) -> None:
        assigned = self._assignment
        decoded = [decode(delivery, assigned.partition, assigned.partition_count) for delivery in deliveries]
        items = [item for item in decoded if not isinstance(item, Unprocessable | PassedOver)]
        issued = [item.command.issued_at for item in items if isinstance(item, Request)]
        self._observer.waiting_since(_oldest(issued) or self._environment.now())
        settled = iter(await self._settler.settle(items))
        outgoing = Outgoing()
        for item in decoded:
            if not isinstance(item, PassedOver):
                outgoing.add(item if isinstance(item, Unprocessable) else next(settled))
        await self._publish(outgoing.dead_letters, outgoing.messages)
        await self._source.acknowledge(deliveries[-1])
        self._report(issued, outgoing.answers)

    async def _publish(self, dead_letters: Sequence[DeadLetter], replies: Sequence[Reply | LineCommandOut]) -> None:
        for delay_seconds in PUBLISH_BACKOFF.delays_seconds():
            try:
                await self._outbox.publish(dead_letters, replies)
            except PublishFailed as error:
                self._observer.retried("publish", error)
                await self._source.pause(delay_seconds)
            else:
                return

    def _report(self, issued: Sequence[datetime | None], answers: Sequence[Answer]) -> None:
        counts = Counter((answer.command_type, answer.outcome, answer.reason) for answer in answers)
        now = self._environment.now()
        self._observer.answered(counts, [(now - moment).total_seconds() for moment in issued if moment is not None])
        self._observer.waiting_since(None)


def _oldest(issued: Sequence[datetime | None]) -> datetime | None:
    return min((moment for moment in issued if moment is not None), default=None)
