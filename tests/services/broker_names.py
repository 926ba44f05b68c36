"""Taking everything of the project's off a broker."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

import aio_pika
from aio_pika.abc import AbstractConnection
from aiormq.exceptions import AMQPError

from publisher.broker.loss import loss_is_no_cancellation
from publisher.errors import BrokerUnavailable
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

ATTEMPT_LIMIT = 5


async def delete_project_names(amqp_url: str) -> None:
    """Delete the project's exchanges and queues, with what is in them, where they exist."""
    for _ in range(ATTEMPT_LIMIT - 1):
        # A quorum queue that has just been made, or is being deleted, can answer INTERNAL_ERROR.
        with suppress(AMQPError, RuntimeError, BrokerUnavailable), loss_is_no_cancellation():
            return await _delete_all(amqp_url)
    return await _delete_all(amqp_url)


async def _delete_all(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        parts = (
            _delete(connection, EXCHANGES[channel::CHANNELS], QUEUES[channel::CHANNELS]) for channel in range(CHANNELS)
        )
        await asyncio.gather(*parts)


async def _delete(connection: AbstractConnection, exchanges: Iterable[str], queues: Iterable[str]) -> None:
    async with connection.channel() as channel:
        for queue in queues:
            await channel.queue_delete(queue)
        for exchange in exchanges:
            await channel.exchange_delete(exchange)
