"""How much waits in each queue, for operators."""

from dataclasses import dataclass

from aio_pika.abc import AbstractConnection
from aiormq.exceptions import AMQPError, ChannelNotFoundEntity

from publisher.broker.connection import connect
from publisher.errors import BrokerUnavailable


@dataclass(frozen=True, slots=True)
class QueueCount:
    """One queue at one moment."""

    queue: str
    exists: bool
    ready: int = 0
    """Messages that no consumer holds."""
    consumers: int = 0


async def count_queues(url: str, queues: list[str], heartbeat_seconds: int = 10) -> list[QueueCount]:
    """Return the counts of `queues`, also of those that do not exist. Raises `BrokerUnavailable`."""
    connection = await connect(url, name="order-worker status", heartbeat_seconds=heartbeat_seconds)
    try:
        return [await _count(connection, queue) for queue in queues]
    except (AMQPError, OSError, RuntimeError) as error:
        raise BrokerUnavailable(f"the queues could not be counted: {error!r}") from error
    finally:
        await connection.close()


async def _count(connection: AbstractConnection, queue: str) -> QueueCount:
    # A channel each: asking for a queue that is missing closes the channel.
    channel = await connection.channel()
    try:
        declared = (await channel.declare_queue(queue, passive=True)).declaration_result
    except ChannelNotFoundEntity:
        return QueueCount(queue, exists=False)
    await channel.close()
    return QueueCount(queue, exists=True, ready=declared.message_count or 0, consumers=declared.consumer_count or 0)
