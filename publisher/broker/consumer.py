"""Consuming from the broker: deliveries in, acknowledgements out, a loss reported at once.

A consumer never recovers by itself. Whoever holds it opens a new one: a
recovered consumer is a new consumer, the broker has forgotten a private queue,
and what was not acknowledged comes again.
"""

import asyncio
from dataclasses import dataclass

import aiormq
from aiormq.exceptions import (
    AMQPError,
    ChannelAccessRefused,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
)
from pamqp import commands as spec

from publisher.broker.connection import connect, hang_up
from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import TappedConnection, unused
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


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came from the broker."""

    tag: int
    routing_key: str
    body: bytes


class Consumer:
    """One consumer on a connection of its own, until the first loss."""

    def __init__(self, connection: TappedConnection, channel: aiormq.Channel) -> None:
        self._connection = connection
        self._channel = channel
        self._buffer: list[Delivery] = []
        self._changed = asyncio.Event()
        self._loss: BrokerUnavailable | None = None
        channel.closing.add_done_callback(self._on_closed)
        channel.on_consumer_cancel_callbacks.add(self._on_cancelled)

    @classmethod
    async def open(cls, url: str, subscription: Subscription, *, name: str, heartbeat_seconds: int) -> "Consumer":
        """Return a consumer whose queue is declared, bound and consumed.

        Raises `BrokerUnavailable`; `Unroutable` when the exchange does not exist;
        `BrokerRefused` when the queue exists with other properties or may not be used.
        """
        connection = await connect(url, name=name, heartbeat_seconds=heartbeat_seconds)
        try:
            with loss_is_no_cancellation():
                channel = await connection.channel(publisher_confirms=False)
                consumer = cls(connection, await channel.get_underlay_channel())  # type: ignore[arg-type]
                await consumer._subscribe(subscription)
        except BaseException as error:
            await hang_up(connection)
            if isinstance(error, AMQPError | OSError | RuntimeError):
                raise _refusal(error, subscription) from error
            raise
        return consumer

    async def _subscribe(self, subscription: Subscription) -> None:
        channel = self._channel
        await channel.basic_qos(prefetch_count=PREFETCH_LIMIT)
        queue = await self._declare(subscription.queue)
        await channel.queue_bind(queue, subscription.exchange, subscription.pattern)
        self._connection.deliver(channel, self._on_delivery)
        await channel.basic_consume(queue, unused, no_ack=not subscription.acknowledged)

    async def _declare(self, queue: str | None) -> str:
        if queue is None:
            declared = await self._channel.queue_declare("", exclusive=True)
        else:
            declared = await self._channel.queue_declare(
                queue, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
            )
        return str(declared.queue)

    async def take(self) -> list[Delivery]:
        """Wait for deliveries and return all that have arrived, oldest first; at least one.

        Raises `BrokerUnavailable` once the consumer is lost. What was buffered
        then is thrown away: it was not acknowledged.
        """
        while not self._buffer and self._loss is None:
            self._changed.clear()
            await self._changed.wait()
        if self._loss is not None:
            raise self._loss
        taken, self._buffer = self._buffer, []
        return taken

    async def acknowledge(self, last: Delivery) -> None:
        """Acknowledge `last` and everything delivered before it; return once that is written.

        Raises `BrokerUnavailable` when the consumer is lost; it must not be tried again.
        """
        if self._loss is not None:
            raise self._loss
        try:
            await self._channel.basic_ack(last.tag, multiple=True)
        except (AMQPError, OSError, RuntimeError) as error:
            raise BrokerUnavailable(f"the connection was lost before the acknowledgement: {error}") from error

    async def close(self) -> None:
        """Close the connection; what is not acknowledged goes back to its queue."""
        await hang_up(self._connection)

    # The callbacks only note what happened; they run inside the connection's reader.

    def _on_delivery(self, delivered: Delivered) -> None:
        self._buffer.append(Delivery(delivered.tag, delivered.routing_key, delivered.body))
        self._changed.set()

    async def _on_cancelled(self, _frame: spec.Basic.Cancel) -> None:
        self._lose("the broker cancelled the consumer; was its queue deleted?")

    def _on_closed(self, closing: "asyncio.Future[object]") -> None:
        reason = None if closing.cancelled() else closing.exception()
        self._lose(f"the connection was lost: {reason or 'closed'}")

    def _lose(self, why: str) -> None:
        if self._loss is None:
            self._loss = BrokerUnavailable(why)
        self._buffer.clear()
        self._changed.set()


def _refusal(error: Exception, subscription: Subscription) -> OrderError:
    if isinstance(error, ChannelNotFoundEntity):
        return Unroutable(f"there is no exchange {subscription.exchange!r}; has an order-worker been started?")
    if isinstance(error, ChannelPreconditionFailed | ChannelAccessRefused | ChannelLockedResource):
        return BrokerRefused(f"the queue {subscription.queue or '(private)'} cannot be used: {error}")
    return BrokerUnavailable(f"no consumer could be opened: {error!r}")
