"""Mutants about what is done too early, or in the wrong order."""

import json
import os
from collections.abc import Sequence
from typing import Any

import asyncpg

from publisher.broker.consumed_channel import ConsumedChannel
from schemas.results import reply_routing_key
from tests.faults.subject.mutant import Mutant
from tests.faults.subject.passing import PassingSource, PassingStore
from worker.event_store import Batch, CommitOutcome, RecordedCommand, Term
from worker.lane.ports import Delivery, Outbox, PublishFailed, Reply, Source, Store

FEW_COMMANDS = 4


class AcknowledgesBeforeCommit(Mutant):
    """What was taken is acknowledged at once."""

    def source(self, source: Source, real: Source) -> Source:
        del real
        return _Hasty(source)


class AcknowledgesBufferOnHandover(Mutant):
    """What is in the buffer when a lane ends is acknowledged, as if it were done."""

    def source(self, source: Source, real: Source) -> Source:
        return _Sweeping(source, real)


class RequeuesOnError(Mutant):
    """A batch that cannot be committed just now goes back to the queue, and the lane goes on with the next."""

    def source(self, source: Source, real: Source) -> Source:
        return _Requeueing(source, real)


class ReversesBatches(Mutant):
    """The last command of a batch is taken first."""

    def source(self, source: Source, real: Source) -> Source:
        del real
        return _Backward(source)


class PublishesBeforeCommit(Mutant):
    """Answers are sent before they are durable."""

    def __init__(self) -> None:
        self._outbox: Outbox | None = None

    def outbox(self, outbox: Outbox) -> Outbox:
        self._outbox = outbox
        return outbox

    def store(self, store: Store) -> Store:
        assert self._outbox is not None
        return _Boasting(store, self._outbox)


class _Hasty(PassingSource):
    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        deliveries = await super().take(limit, wait=wait)
        await super().acknowledge(deliveries[-1])
        return deliveries

    async def acknowledge(self, delivery: Delivery) -> None:
        """Do nothing: it has been done."""


class _Sweeping(PassingSource):
    def __init__(self, source: Source, real: Any) -> None:
        super().__init__(source)
        self._channel: ConsumedChannel = real._channel  # noqa: SLF001 - a mutant keeps no rules
        self._newest_tag = 0

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        """Take a few, so that the buffer has some left."""
        deliveries = await super().take(min(limit, FEW_COMMANDS), wait=wait)
        waiting = self._channel.waiting
        self._newest_tag = waiting[-1].tag if waiting else deliveries[-1].tag
        return deliveries

    async def acknowledge(self, delivery: Delivery) -> None:
        # Asked to stop, with a channel that is open still.
        await super().acknowledge(delivery._replace(tag=self._newest_tag) if self._channel.ended.is_set() else delivery)


class _Requeueing(PassingSource):
    def __init__(self, source: Source, real: Any) -> None:
        super().__init__(source)
        self._channel: ConsumedChannel = real._channel  # noqa: SLF001 - a mutant keeps no rules

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        while True:
            deliveries = await super().take(limit, wait=wait)
            if await _database_answers():
                return deliveries
            for delivery in deliveries:
                await self._channel.raw.basic_nack(delivery.tag, requeue=True)


async def _database_answers() -> bool:
    try:
        connection = await asyncpg.connect(os.environ["ORDERS_DATABASE_URL"], timeout=1)
        await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
        return False
    return True


class _Backward(PassingSource):
    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._newest: Delivery | None = None

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        deliveries = await super().take(limit, wait=wait)
        self._newest = deliveries[-1]
        return deliveries[::-1]

    async def acknowledge(self, delivery: Delivery) -> None:
        await super().acknowledge(self._newest or delivery)


class _Boasting(PassingStore):
    def __init__(self, store: Store, outbox: Outbox) -> None:
        super().__init__(store)
        self._outbox = outbox

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        await self._boast(batch.commands)
        return await super().commit(term, batch)

    async def _boast(self, commands: Sequence[RecordedCommand]) -> None:
        try:
            await self._outbox.publish([], [_reply(command) for command in commands])
        except PublishFailed:
            return


def _reply(command: RecordedCommand) -> Reply:
    answer = json.loads(command.answer)
    key = reply_routing_key(None, answer["outcome"], answer["type"], answer["sku"])
    return Reply(key, command.answer.encode(), answer["command_id"])
