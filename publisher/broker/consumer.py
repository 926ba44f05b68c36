"""Consuming from the broker: deliveries in, acknowledgements out, a loss reported at once.

A consumer never recovers by itself. Whoever holds it opens a new one: a
recovered consumer is a new consumer, the broker has forgotten a private queue,
and what was not acknowledged comes again.
"""

from dataclasses import dataclass

from aiormq.exceptions import (
    AMQPError,
    ChannelAccessRefused,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)

from publisher.broker.connection import connect, hang_up
from publisher.broker.consumed_channel import ConsumedChannel
from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import TappedConnection
from publisher.errors import BrokerRefused, BrokerUnavailable, OrderError, Unroutable

PREFETCH_LIMIT = 1_000
"""Deliveries that may be unacknowledged. It bounds the buffer: about 1 MB of results."""

DELIVERY_LIMIT = 1_000_000
"""Redeliveries of one message; RabbitMQ 4 drops after 20 where nothing is set, which a crash loop reaches."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What to consume: `exchange` under the topic `pattern`.

    Without `queue`, the queue is private: it lives as long as the connection.
    With it, it is a durable quorum queue of that name, which keeps what arrives
    while nobody consumes. Bindings add up: a pattern it was bound to before stays.

    With `acknowledged` false, the broker forgets a message once it is sent.
    That is cheaper, and right where a lost message is asked for again; the
    buffer then has no other bound than what was asked for.
    """

    exchange: str
    pattern: str
    queue: str | None = None
    acknowledged: bool = True


class Consumer:
    """One consumer on a connection of its own, until the first loss."""

    def __init__(self, connection: TappedConnection, channel: ConsumedChannel) -> None:
        self._connection = connection
        self._channel = channel

    @classmethod
    async def open(cls, url: str, subscription: Subscription, *, name: str, heartbeat_seconds: int) -> "Consumer":
        """Return a consumer whose queue is declared, bound and consumed.

        Raises `BrokerUnavailable`; `Unroutable` when the exchange does not exist;
        `BrokerRefused` when the queue exists with other properties or may not be used.
        """
        connection = await connect(url, name=name, heartbeat_seconds=heartbeat_seconds)
        try:
            with loss_is_no_cancellation():
                consumer = cls(connection, await ConsumedChannel.open(connection, PREFETCH_LIMIT))
                await consumer._subscribe(subscription)
        except BaseException as error:
            await hang_up(connection)
            if isinstance(error, AMQPError | OSError | RuntimeError):
                raise _refusal(error, subscription) from error
            raise
        return consumer

    async def _subscribe(self, subscription: Subscription) -> None:
        queue = await self._declare(subscription.queue)
        await self._channel.raw.queue_bind(queue, subscription.exchange, subscription.pattern)
        await self._channel.consume(queue, acknowledged=subscription.acknowledged)

    async def _declare(self, queue: str | None) -> str:
        if queue is None:
            declared = await self._channel.raw.queue_declare("", exclusive=True)
        else:
            declared = await self._channel.raw.queue_declare(
                queue, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
            )
        return str(declared.queue)

    async def take(self) -> list[Delivered]:
        """Wait for deliveries and return all that have arrived, oldest first; at least one.

        Raises `BrokerUnavailable` once the consumer is lost. What had arrived
        then is thrown away: it was not acknowledged.
        """
        channel = self._channel
        while not channel.waiting and not channel.ended.is_set():
            await channel.changed()
        self._require_it_goes_on()
        taken = list(channel.waiting)
        channel.waiting.clear()
        return taken

    async def acknowledge(self, last: Delivered) -> None:
        """Acknowledge `last` and everything delivered before it.

        Raises `BrokerUnavailable` when the consumer is lost; it must not be tried again.
        """
        self._require_it_goes_on()
        await self._channel.acknowledge(last.tag)

    def _require_it_goes_on(self) -> None:
        if self._channel.ended.is_set():
            raise BrokerUnavailable(self._channel.ended_because)

    async def close(self) -> None:
        """Close the connection; what is not acknowledged goes back to its queue."""
        await hang_up(self._connection)


def _refusal(error: Exception, subscription: Subscription) -> OrderError:
    if isinstance(error, ChannelNotFoundEntity):
        return Unroutable(f"there is no exchange {subscription.exchange!r}; has an order-worker been started?")
    if isinstance(error, ChannelPreconditionFailed | ChannelAccessRefused | ChannelLockedResource):
        return BrokerRefused(f"the queue {subscription.queue or '(private)'} cannot be used: {error}")
    return BrokerUnavailable(f"no consumer could be opened: {error!r}")
