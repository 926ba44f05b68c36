"""A client that publishes at a steady rate, whatever comes back, and times every answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from tests.bench.bench_broker import REPLIES_QUEUE
from tests.bench.errors import ContenderFailed

ANSWER_TIMEOUT_SECONDS = 60.0


class LatencyClient:
    """Notes when each command was written and when its answer came, on one clock."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._sent_seconds: dict[str, float] = {}
        """Of commands whose answer is awaited."""
        self._latencies_seconds: dict[str, float] = {}
        self._answered = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls, amqp_url: str) -> "AsyncIterator[LatencyClient]":
        """Consume the answers on one connection, publish on another."""
        sender = Sender(amqp_url, name="bench publishing")
        client = cls(sender)
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            queue = await channel.get_queue(REPLIES_QUEUE)
            await queue.consume(client._on_answer, no_ack=True)
            try:
                yield client
            finally:
                await sender.close()

    async def latencies_seconds(self, messages: Iterable[OutgoingMessage], per_second: float) -> list[float]:
        """Publish `messages` at a steady rate; return the latency of each, in their order, once all are answered."""
        messages = list(messages)
        async with asyncio.TaskGroup() as group:
            started = time.perf_counter()
            for number, message in enumerate(messages):
                await asyncio.sleep(max(0.0, started + number / per_second - time.perf_counter()))
                # Not awaited: the next command leaves on time even if the broker is slow to confirm this one.
                group.create_task(self._send(message))
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                await self._all_answered()
        except TimeoutError as error:
            raise ContenderFailed(f"{len(self._sent_seconds)} of {len(messages)} commands got no answer") from error
        return [self._latencies_seconds.pop(message.correlation_id or "") for message in messages]

    async def _send(self, message: OutgoingMessage) -> None:
        self._sent_seconds[message.correlation_id or ""] = time.perf_counter()
        await self._sender.publish([message])

    async def _all_answered(self) -> None:
        while self._sent_seconds:
            self._answered.clear()
            await self._answered.wait()

    async def _on_answer(self, answer: AbstractIncomingMessage) -> None:
        arrived_seconds = time.perf_counter()
        command_id = answer.correlation_id or ""
        sent_seconds = self._sent_seconds.pop(command_id, None)
        if sent_seconds is not None:  # else it is a repeat: the first answer counts
            self._latencies_seconds[command_id] = arrived_seconds - sent_seconds
            self._answered.set()
