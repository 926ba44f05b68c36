"""The loop of one partition: take, settle, publish, acknowledge.

A batch is what has arrived while the last one was on its way: one command when
the shop is quiet, many when it is busy; there is no timer. Nothing is
acknowledged before its effect is durable and its answer confirmed by the
broker, so a lane may die at any point and its successor finishes the work.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from publisher.backoff import Backoff
from schemas.reasons import Reason
from worker.event_store import Fenced, StatementRefused, StoreUnavailable
from worker.lane.answers import Answer
from worker.lane.bundles import last_ended, unbundled
from worker.lane.dead_letters.deciding import Deciding
from worker.lane.dead_letters.filing import AnsweredBefore, Filing, NoRoom
from worker.lane.dead_letters.reading import crashed
from worker.lane.dead_letters.suspects import Portion, Suspects
from worker.lane.decoding import Decoded, Nudge, Request, Unprocessable, decode
from worker.lane.endings import Ending
from worker.lane.orders.line_replies import PassedOver
from worker.lane.outgoing import Outgoing
from worker.lane.planning import Item
from worker.lane.ports import (
    Assignment,
    Bundle,
    DeadLetter,
    Delivery,
    Ports,
    PublishFailed,
    Reply,
    SourceClosed,
)
from worker.lane.settling import UNAVAILABLE_BACKOFF, Settler

BATCH_LIMIT_COMMANDS = 256
"""A longer batch saves little more per command and makes the first one wait for the last."""

PREFETCH_MESSAGES = 2 * BATCH_LIMIT_COMMANDS
"""One batch in work and one arriving meanwhile; the rest waits at the broker, not in our memory."""

DEFAULT_HOLD_REASONS = frozenset({Reason.FAILED, Reason.CRASHED})
"""What went wrong for one of these might succeed later, once what was wrong with the worker is mended."""

PUBLISH_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)


_NOT_SETTLED = (PassedOver, Nudge)
_NO_ITEMS = (Unprocessable, *_NOT_SETTLED)


class Lane:
    """The one writer of one partition, for as long as its source lasts."""

    def __init__(
        self, assignment: Assignment, ports: Ports, hold_reasons: Collection[Reason] = DEFAULT_HOLD_REASONS
    ) -> None:
        """Let the SKU or order wait where one of its commands is not processed for one of `hold_reasons`."""
        self._assignment = assignment
        self._source = ports.source
        self._outbox = ports.outbox
        self._environment = ports.environment
        self._observer = ports.observer
        self._settler = Settler(assignment, ports, hold_reasons)
        self._filing = Filing(assignment, ports, self._settler.holds, hold_reasons)
        self._suspects = Suspects(assignment, ports)
        self._deciding = Deciding(assignment, ports, self._settler, self._suspects, self._publish_endings)

    async def run(self) -> None:
        """Work until the source closes or another owner takes over.

        Either way what is unacknowledged will be delivered again, to whoever is next.
        """
        try:
            while True:
                taken = await self._source.take(BATCH_LIMIT_COMMANDS, wait=not self._deciding.busy)
                await self._take_up([message for delivery in taken for message in unbundled(delivery)])
                if self._deciding.busy:
                    await self._deciding.step()
        except SourceClosed:
            return
        except Fenced as error:
            self._observer.conflicted("fence", error)
        finally:
            self._observer.waiting_since(None)

    async def _take_up(self, messages: Sequence[Delivery]) -> None:
        """Process messages, each of which counts for itself: also those that came in one bundle."""
        if not any(message.redelivered for message in messages):
            if messages:
                await self._process(messages, messages[-1])
            return
        for portion in await self._suspects.portions([message.body for message in messages]):
            taken = messages[portion.start : portion.stop]
            async with self._suspects.attempt([message.body for message in taken]):
                await self._process(taken, last_ended(messages, portion.start, portion.stop), portion)

    async def _process(
        self, messages: Sequence[Delivery], ended: Delivery | None, portion: Portion | None = None
    ) -> None:
        """Process `messages`, then acknowledge `ended`, the last delivery of which nothing is left."""
        decoded = [self._decoded(message, portion) for message in messages]
        items = [item for item in decoded if not isinstance(item, _NO_ITEMS)]
        issued = [item.command.issued_at for item in items if isinstance(item, Request)]
        self._observer.waiting_since(_oldest(issued) or self._environment.now())
        settled = await self._settle([item for item in decoded if not isinstance(item, _NOT_SETTLED)])
        outgoing = self._outgoing(settled)
        await self._publish(outgoing.dead_letters, outgoing.messages)
        if ended is not None:
            await self._source.acknowledge(ended)
        self._settler.holds.spare(None)
        if any(isinstance(item, Nudge) for item in decoded):
            self._deciding.busy = True
        self._report(issued, outgoing.answers)

    def _decoded(self, delivery: Delivery, portion: Portion | None) -> Decoded:
        if portion is not None and portion.convicted:
            return crashed(delivery, portion, self._assignment)
        return decode(delivery, self._assignment.partition, self._assignment.partition_count)

    async def _settle(self, decoded: Sequence[Item | Unprocessable]) -> list[Ending]:
        """Return how each ended, once that is durable, and what was not processed is filed."""
        items = [item for item in decoded if not isinstance(item, Unprocessable)]
        for delay_seconds in UNAVAILABLE_BACKOFF.delays_seconds():
            settled = iter(await self._settler.settle(items))
            endings = [item if isinstance(item, Unprocessable) else next(settled) for item in decoded]
            if not any(isinstance(ending, Unprocessable) for ending in endings):
                return endings
            try:
                return await self._filing.file(await self._settler.claimed(), endings)
            # A letter is made so that the database takes it. If it does not, that is ours to mend, and loses nothing.
            except (StoreUnavailable, StatementRefused) as error:
                self._settler.forget_term()
                self._observer.retried("file", error)
                await self._source.pause(delay_seconds)
            except AnsweredBefore as error:
                self._settler.holds.spare(error.command_id)
                self._observer.retried("file", error)
            except NoRoom as error:
                self._observer.retried("park", error)
                await self._source.pause(delay_seconds)
                await self._deciding.step()
            finally:
                self._settler.holds.begin_batch()
        raise AssertionError("the delays never end")

    async def _publish_endings(self, endings: Sequence[Ending]) -> None:
        outgoing = self._outgoing(endings)
        if outgoing.messages:
            await self._publish(outgoing.dead_letters, outgoing.messages)
        self._report([], outgoing.answers)

    def _outgoing(self, endings: Sequence[Ending]) -> Outgoing:
        outgoing = Outgoing(self._assignment.partition_count)
        for ending in endings:
            outgoing.add(ending)
        return outgoing

    async def _publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        for delay_seconds in PUBLISH_BACKOFF.delays_seconds():
            try:
                await self._outbox.publish(dead_letters, messages)
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
