"""What arrives at a queue, byte for byte and in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from schemas.names import DEAD_LETTERS_EXCHANGE, REPLIES_EXCHANGE

ARRIVAL_TIMEOUT_SECONDS = 120.0
"""A backlog of thousands is answered in seconds; the machine may be busy."""


class Listener:
    """Everything that has arrived at one queue."""

    def __init__(self) -> None:
        self.messages: list[AbstractIncomingMessage] = []
        self.bodies_by_id: dict[str, list[bytes]] = {}
        """The bodies of each command's answers, by its id."""
        self._changed = asyncio.Condition()

    async def until(self, done: Callable[["Listener"], bool]) -> None:
        """Wait until `done`, asked at each arrival."""
        try:
            async with asyncio.timeout(ARRIVAL_TIMEOUT_SECONDS), self._changed:
                await self._changed.wait_for(lambda: done(self))
        except TimeoutError as error:
            raise AssertionError(f"that has not arrived; {len(self.messages)} messages have") from error

    async def count(self, count: int) -> None:
        """Wait until `count` messages have arrived."""
        await self.until(lambda listener: len(listener.messages) >= count)

    async def answers_to(self, command_ids: set[str]) -> None:
        """Wait until each of the commands has been answered."""
        await self.until(lambda listener: command_ids <= listener.bodies_by_id.keys())

    async def answers_about(self, skus: set[str]) -> None:
        """Wait until there is an answer about each of `skus`."""
        await self.until(lambda listener: skus <= {body["sku"] for body in listener.bodies})

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Return each body, read as JSON."""
        return [json.loads(message.body) for message in self.messages]

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Note an arrival."""
        async with self._changed:
            self.messages.append(message)
            self.bodies_by_id.setdefault(message.correlation_id or "", []).append(message.body)
            self._changed.notify_all()


@asynccontextmanager
async def answers(amqp_url: str, pattern: str = "#") -> AsyncIterator[Listener]:
    """Listen to the answers whose routing key matches `pattern`, from now on."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(REPLIES_EXCHANGE, pattern)
        listener = Listener()
        await queue.consume(listener.take, no_ack=True)
        yield listener


@asynccontextmanager
async def dead_letters(amqp_url: str) -> AsyncIterator[Listener]:
    """Listen to the dead letters, from now on, through a queue of our own: workers empty the one that all share."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(DEAD_LETTERS_EXCHANGE, "#")
        listener = Listener()
        await queue.consume(listener.take, no_ack=True)
        yield listener
