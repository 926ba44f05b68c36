"""`python -m tests.faults.load.consumer QUEUE PATTERN FILE`: notes whatever comes, acknowledges it, until SIGTERM.

PATTERN is what of the reply exchange goes into the queue, which is made where it is missing.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import AMQPError

from schemas.names import REPLIES_EXCHANGE
from tests.faults.load.journal import Journal

PREFETCH_MESSAGES = 500
HEARTBEAT_SECONDS = 2
PAUSE_SECONDS = 0.5
CONNECT_TIMEOUT_SECONDS = 5


class Consumer:
    """One queue, over one connection at a time."""

    def __init__(self, queue: str, pattern: str, journal: Journal) -> None:
        self._queue = queue
        self._pattern = pattern
        self._journal = journal

    async def run(self, url: str) -> None:
        """Consume for ever; a connection that is lost is opened anew."""
        while True:
            try:
                await self._consume(url)
            except (AMQPError, OSError, RuntimeError, TimeoutError, EOFError, StopAsyncIteration):
                pass
            except asyncio.CancelledError:
                # aiormq cancels whoever waits on a connection that goes.
                task = asyncio.current_task()
                if task is not None and task.cancelling():
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def _consume(self, url: str) -> None:
        connection = await aio_pika.connect(f"{url}?heartbeat={HEARTBEAT_SECONDS}", timeout=CONNECT_TIMEOUT_SECONDS)
        lost = asyncio.Event()
        connection.close_callbacks.add(lambda *_: lost.set())
        try:
            channel = await connection.channel()
            channel.close_callbacks.add(lambda *_: lost.set())
            await channel.set_qos(PREFETCH_MESSAGES)
            queue = await channel.declare_queue(self._queue, durable=True, arguments={"x-queue-type": "quorum"})
            await queue.bind(REPLIES_EXCHANGE, self._pattern)
            await queue.consume(self._take)
            await lost.wait()
        finally:
            await asyncio.wait([asyncio.ensure_future(connection.close())], timeout=CONNECT_TIMEOUT_SECONDS)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self._journal.note(
            event="received",
            queue=self._queue,
            routing_key=message.routing_key,
            name=message.correlation_id,
            redelivered=message.redelivered,
            body=message.body.decode(errors="replace"),
        )
        await message.ack()


async def main(queue: str, pattern: str, path: Path) -> None:
    """Consume until SIGTERM."""
    with Journal(path) as journal:
        task = asyncio.ensure_future(Consumer(queue, pattern, journal).run(os.environ["ORDERS_AMQP_URL"]))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await asyncio.wait({task})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
