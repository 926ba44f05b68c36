"""Taking everything of the project's off a broker."""

import asyncio
from collections.abc import Iterable

import aio_pika
from aio_pika.abc import AbstractConnection

from schemas import names
from schemas.partitions import PARTITION_COUNT_LIMIT, partition_queue

EXCHANGES = (names.COMMANDS_EXCHANGE, names.INGRESS_EXCHANGE, names.REPLIES_EXCHANGE, names.DEAD_LETTERS_EXCHANGE)
QUEUES = (
    names.INGRESS_QUEUE,
    names.DEAD_LETTERS_QUEUE,
    *(partition_queue(partition) for partition in range(PARTITION_COUNT_LIMIT)),
)
CHANNELS = 8
"""A channel deletes one name at a time, and a quorum queue takes a while: so several."""


async def delete_project_names(amqp_url: str) -> None:
    """Delete the project's exchanges and queues, with what is in them, where they exist."""
    async with await aio_pika.connect(amqp_url) as connection, asyncio.TaskGroup() as group:
        for channel in range(CHANNELS):
            group.create_task(_delete(connection, EXCHANGES[channel::CHANNELS], QUEUES[channel::CHANNELS]))


async def _delete(connection: AbstractConnection, exchanges: Iterable[str], queues: Iterable[str]) -> None:
    async with connection.channel() as channel:
        for queue in queues:
            await channel.queue_delete(queue)
        for exchange in exchanges:
            await channel.exchange_delete(exchange)
