"""The broker as all contenders find it: the worker's own queues, and one more that collects every answer."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel
from pamqp import commands as spec

from publisher.backoff import Backoff
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.bulk_sending import BulkSender, in_windows
from schemas.names import REPLIES_EXCHANGE
from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_queue
from tests.services.broker_names import delete_project_names
from worker.broker.topology import declare_topology

REPLIES_QUEUE = "bench.replies"
CONFIRM_TIMEOUT_SECONDS = 120.0
EMPTY_TIMEOUT_SECONDS = 60.0


class BenchBroker:
    """Fills the command queues, and counts the answers without taking them."""

    def __init__(self, amqp_url: str, channel: AbstractChannel) -> None:
        self.amqp_url = amqp_url
        self._channel = channel

    @classmethod
    @asynccontextmanager
    async def open(cls, amqp_url: str) -> "AsyncIterator[BenchBroker]":
        """Declare everything anew; take it off the broker afterwards."""
        await _delete_all(amqp_url)
        try:
            async with await aio_pika.connect(amqp_url) as connection:
                await declare_topology(connection, DEFAULT_PARTITION_COUNT)
                channel = await connection.channel()
                replies = await channel.declare_queue(REPLIES_QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
                await replies.bind(REPLIES_EXCHANGE, "#")
                yield cls(amqp_url, channel)
        finally:
            # Over a connection of its own: Ctrl-C may have caught ours in the middle of something.
            await _delete_all(amqp_url)

    async def answered(self) -> int:
        """Return how many answers lie in the queue."""
        return await self._waiting(REPLIES_QUEUE)

    async def preload(self, messages: Iterable[OutgoingMessage]) -> None:
        """Empty every queue, then put `messages` in."""
        await self.empty()
        sender = Sender(self.amqp_url, name="bench preloading")
        bulk = BulkSender(sender, backoff=Backoff(), timeout_seconds=CONFIRM_TIMEOUT_SECONDS, on_confirmed=None)
        try:
            await bulk.send(in_windows(messages))
        finally:
            await sender.close()

    async def empty(self) -> None:
        """Empty every queue, also of what a contender that was just stopped gives back."""
        queues = [REPLIES_QUEUE, *(partition_queue(partition) for partition in range(DEFAULT_PARTITION_COUNT))]
        async with asyncio.timeout(EMPTY_TIMEOUT_SECONDS):
            for name in queues:
                await self._empty(name)

    async def _empty(self, name: str) -> None:
        queue = await self._channel.get_queue(name)
        while True:
            state = await self._state(name)
            if not state.consumer_count and not state.message_count:
                return
            await queue.purge()

    async def _waiting(self, queue: str) -> int:
        return (await self._state(queue)).message_count or 0

    async def _state(self, queue: str) -> spec.Queue.DeclareOk:
        return (await self._channel.declare_queue(queue, passive=True)).declaration_result


async def _delete_all(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        await channel.queue_delete(REPLIES_QUEUE)
    await delete_project_names(amqp_url)
