"""Answers every command with its own body; no decision, no database.

A plain aio-pika consumer: the answer is persistent and confirmed by the broker,
then the command is acknowledged. The client library runs up to `PREFETCH`
callbacks of each queue side by side, so many confirms are awaited at once.
"""

import os
import sys

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from schemas.names import JSON_CONTENT_TYPE, REPLIES_EXCHANGE
from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_queue
from tests.bench.contenders.stopping import until_terminated

PREFETCH_COMMANDS = 256
"""For each queue; `tests.bench.tuning` finds it."""


async def main(prefetch_commands: int = PREFETCH_COMMANDS) -> None:
    connection = await aio_pika.connect(os.environ["ORDERS_AMQP_URL"])
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=prefetch_commands)
        replies = await channel.get_exchange(REPLIES_EXCHANGE)

        async def answer(command: AbstractIncomingMessage) -> None:
            message = aio_pika.Message(
                command.body,
                content_type=JSON_CONTENT_TYPE,
                correlation_id=command.correlation_id,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await replies.publish(message, routing_key="-.applied.echo.-")
            await command.ack()

        for partition in range(DEFAULT_PARTITION_COUNT):
            queue = await channel.get_queue(partition_queue(partition))
            await queue.consume(answer)
        await until_terminated()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:])))
