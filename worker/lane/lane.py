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
from worker.lane.decoding import Request, Unprocessable, decode, is_reply_to
from worker.lane.planning import Answer, dead_letter_answer
from worker.lane.ports import (
    Assignment,
    DeadLetter,
    Delivery,
    Environment,
    Observer,
    Outbox,
    PublishFailed,
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
        requests = [item for item in decoded if isinstance(item, Request)]
        self._observer.waiting_since(_oldest(requests) or self._environment.now())
        settled = iter(await self._settler.settle(requests))
        endings = [next(settled) if isinstance(item, Request) else item for item in decoded]
        answers = [
            _answer_to_dead_letter(ending) if isinstance(ending, Unprocessable) else ending for ending in endings
        ]
        dead_letters = [
            DeadLetter(ending.delivery, ending.reason.value, ending.error)
            for ending in endings
            if isinstance(ending, Unprocessable)
        ]
        await self._publish(dead_letters, answers)
        await self._source.acknowledge(deliveries[-1])
        self._report(requests, answers)

    async def _publish(self, dead_letters: Sequence[DeadLetter], answers: Sequence[Answer]) -> None:
        replies = [answer.reply for answer in answers]
        for delay_seconds in PUBLISH_BACKOFF.delays_seconds():
            try:
                await self._outbox.publish(dead_letters, replies)
            except PublishFailed as error:
                self._observer.retried("publish", error)
                await self._source.pause(delay_seconds)
            else:
                return

    def _report(self, requests: Sequence[Request], answers: Sequence[Answer]) -> None:
        counts = Counter((answer.command_type, answer.outcome, answer.reason) for answer in answers)
        now = self._environment.now()
        issued = [request.command.issued_at for request in requests]
        self._observer.answered(counts, [(now - moment).total_seconds() for moment in issued if moment is not None])
        self._observer.waiting_since(None)


def _answer_to_dead_letter(unprocessable: Unprocessable) -> Answer:
    reply_to = unprocessable.delivery.reply_to
    usable = reply_to is not None and is_reply_to(reply_to)
    return dead_letter_answer(unprocessable, reply_to=reply_to if usable else None)


def _oldest(requests: Sequence[Request]) -> datetime | None:
    return min((request.command.issued_at for request in requests if request.command.issued_at), default=None)
