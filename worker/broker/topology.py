"""What a worker declares on the broker. Declaring it again changes nothing.

The arguments of a queue cannot be changed once it exists, so they are chosen
for good; see "Queues" in ARCHITECTURE.md.
"""

from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPError, ChannelPreconditionFailed

from publisher.broker.loss import loss_is_no_cancellation
from publisher.errors import BrokerUnavailable
from schemas.names import (
    COMMANDS_EXCHANGE,
    DEAD_LETTERS_EXCHANGE,
    DEAD_LETTERS_QUEUE,
    INGRESS_EXCHANGE,
    INGRESS_QUEUE,
    REPLIES_EXCHANGE,
)
from schemas.partitions import partition_queue, partition_routing_key
from worker.broker.errors import TopologyMismatch

DELIVERY_LIMIT = 100_000
"""Returns of a message before the broker gives up on it. High: a crash counts against every message that
was prefetched, guilty or not, and RabbitMQ 4 would give up after 20."""

_COMMAND_QUEUE_ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-single-active-consumer": True,
    "x-delivery-limit": DELIVERY_LIMIT,
    "x-dead-letter-exchange": DEAD_LETTERS_EXCHANGE,
    # At-least-once dead-lettering takes effect only together with reject-publish.
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
}

_DEAD_LETTER_QUEUE_ARGUMENTS: dict[str, Any] = {
    "x-queue-type": "quorum",
    "x-delivery-limit": DELIVERY_LIMIT,
    "x-overflow": "reject-publish",
}


async def declare_topology(connection: AbstractConnection, partition_count: int) -> None:
    """Declare every exchange and queue, from the far end to the near.

    The ingress comes last: while a partition's queue is not bound yet, a command
    for it is returned to its sender, instead of taking the other way and being
    overtaken by those that come after it.

    Raises `TopologyMismatch` where one exists with other arguments, and
    `BrokerUnavailable` when the connection is lost.
    """
    try:
        with loss_is_no_cancellation():
            await _declare_all(connection, partition_count)
    except ChannelPreconditionFailed as error:
        raise TopologyMismatch(
            f"the broker has it otherwise: {error}; if nothing depends on it, delete it there and start again"
        ) from error
    except (AMQPError, OSError, RuntimeError) as error:
        raise BrokerUnavailable(f"the topology could not be declared: {error!r}") from error


async def _declare_all(connection: AbstractConnection, partition_count: int) -> None:
    channel = await connection.channel()
    try:
        await _declare_dead_letters(channel)
        await channel.declare_exchange(REPLIES_EXCHANGE, ExchangeType.TOPIC, durable=True)
        await _declare_commands(channel, partition_count)
        await _declare_ingress(channel)
    finally:
        await channel.close()


async def _declare_dead_letters(channel: AbstractChannel) -> None:
    exchange = await channel.declare_exchange(DEAD_LETTERS_EXCHANGE, ExchangeType.TOPIC, durable=True)
    queue = await channel.declare_queue(DEAD_LETTERS_QUEUE, durable=True, arguments=_DEAD_LETTER_QUEUE_ARGUMENTS)
    await queue.bind(exchange, "#")


async def _declare_ingress(channel: AbstractChannel) -> None:
    exchange = await channel.declare_exchange(INGRESS_EXCHANGE, ExchangeType.FANOUT, durable=True)
    queue = await channel.declare_queue(INGRESS_QUEUE, durable=True, arguments=_COMMAND_QUEUE_ARGUMENTS)
    await queue.bind(exchange)


async def _declare_commands(channel: AbstractChannel, partition_count: int) -> None:
    exchange = await channel.declare_exchange(
        COMMANDS_EXCHANGE, ExchangeType.DIRECT, durable=True, arguments={"alternate-exchange": INGRESS_EXCHANGE}
    )
    for partition in range(partition_count):
        queue = await channel.declare_queue(
            partition_queue(partition), durable=True, arguments=_COMMAND_QUEUE_ARGUMENTS
        )
        await queue.bind(exchange, partition_routing_key(partition))
