"""A worker small enough to see through: it answers commands from memory, and can misbehave on demand."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage

from schemas.commands import Command, parse_command
from schemas.names import COMMANDS_EXCHANGE, INGRESS_EXCHANGE, INGRESS_QUEUE, REPLIES_EXCHANGE
from schemas.partitions import partition_queue, partition_routing_key
from schemas.results import encode_result, reply_routing_key
from tests.publisher.deciding import Decisions

PARTITION_COUNT = 4


class AnsweringTwin:
    """Declares what a worker declares, and answers every command once, the same each time.

    silent         take commands, answer nothing
    copies         how often each answer is published
    before_answer  called before each answer
    received       every command in the order of its arrival, repeats included
    """

    def __init__(self, url: str) -> None:
        self.silent = False
        self.copies = 1
        self.before_answer: Callable[[], None] | None = None
        self.received: list[Command] = []
        self.user_ids: list[str | None] = []
        self._decisions = Decisions()
        self.stock = self._decisions.stock
        self._url = url
        self._ids: set[UUID] = set()
        self._handled_count = 0
        self._arrived = asyncio.Condition()
        self._one_at_a_time = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._replies: AbstractExchange | None = None

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect(self._url)
        channel = await self._connection.channel()
        await channel.set_qos(prefetch_count=1000)
        self._replies = await channel.declare_exchange(REPLIES_EXCHANGE, "topic", durable=True)
        await self._consume_ingress(channel)
        await self._consume_commands(channel)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._connection is not None
        await self._connection.close()

    async def has_received(self, count: int) -> None:
        """Wait until `count` commands have been dealt with."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self._handled_count >= count)

    async def has_received_different(self, count: int) -> None:
        """Wait until `count` commands with different ids have arrived."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self._ids) >= count)

    async def publish_reply(self, body: bytes, routing_key: str) -> None:
        assert self._replies is not None
        await self._replies.publish(aio_pika.Message(body), routing_key, mandatory=False)

    async def _consume_ingress(self, channel: AbstractChannel) -> None:
        ingress = await channel.declare_exchange(INGRESS_EXCHANGE, "fanout", durable=True)
        queue = await channel.declare_queue(INGRESS_QUEUE, durable=True)
        await queue.bind(ingress)
        await queue.consume(self._on_command)

    async def _consume_commands(self, channel: AbstractChannel) -> None:
        commands = await channel.declare_exchange(
            COMMANDS_EXCHANGE, "direct", durable=True, arguments={"alternate-exchange": INGRESS_EXCHANGE}
        )
        for partition in range(PARTITION_COUNT):
            queue = await channel.declare_queue(
                partition_queue(partition), durable=True, arguments={"x-queue-type": "quorum"}
            )
            await queue.bind(commands, partition_routing_key(partition))
            await queue.consume(self._on_command)

    async def _on_command(self, message: AbstractIncomingMessage) -> None:
        async with self._one_at_a_time:
            command = parse_command(message.body)
            self.received.append(command)
            self.user_ids.append(message.user_id)
            if not self.silent:
                await self._answer(command, message.reply_to)
            await message.ack()
        async with self._arrived:
            self._handled_count += 1
            self._ids.add(command.command_id)
            self._arrived.notify_all()

    async def _answer(self, command: Command, reply_to: str | None) -> None:
        if self.before_answer is not None:
            self.before_answer()
        result = self._decisions.decide(command)
        key = reply_routing_key(reply_to, result.outcome, command.type, command.aggregate_id)
        for _ in range(self.copies):
            await self.publish_reply(encode_result(result), key)
