"""One consumer on one channel, until the first loss."""

import asyncio
from collections import deque
from contextlib import suppress

import aiormq
from aiormq.exceptions import AMQPError
from pamqp import commands as spec

from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import TappedConnection, unused
from publisher.errors import BrokerUnavailable


class ConsumedChannel:
    """Gathers deliveries in `waiting`, the oldest first, and tells when there will be no more.

    When the channel is lost, or the broker cancels the consumer, what waits is
    thrown away: it is not acknowledged, and the broker delivers it again.
    """

    def __init__(self, connection: TappedConnection, channel: aiormq.Channel) -> None:
        self.raw = channel
        """For declarations; nothing else is to be done with it."""
        self.waiting: deque[Delivered] = deque()
        self.ended = asyncio.Event()
        self.ended_because = ""
        self._changed = asyncio.Event()
        channel.closing.add_done_callback(self._on_closed)
        channel.on_consumer_cancel_callbacks.add(self._on_cancelled)
        connection.deliver(channel, self._on_delivery)

    @classmethod
    async def open(cls, connection: TappedConnection, prefetch_count: int) -> "ConsumedChannel":
        """Return a new channel with at most `prefetch_count` unacknowledged deliveries. Raises what aiormq raises."""
        channel = await connection.channel(publisher_confirms=False)
        consumed = cls(connection, await channel.get_underlay_channel())  # type: ignore[arg-type]
        await consumed.raw.basic_qos(prefetch_count=prefetch_count)
        return consumed

    async def consume(self, queue: str, *, acknowledged: bool = True) -> None:
        """Begin. Raises what aiormq raises, where there is no such queue."""
        await self.raw.basic_consume(queue, unused, no_ack=not acknowledged)

    async def changed(self) -> None:
        """Return once more has arrived, or the end has come, since this was last awaited."""
        self._changed.clear()
        await self._changed.wait()

    async def acknowledge(self, tag: int) -> None:
        """Acknowledge the delivery `tag` and all before it, also after `end`; never to be tried again.

        Raises `BrokerUnavailable` when the channel is gone.
        """
        if tag < 1:
            raise ValueError(f"there is no delivery {tag}: to the broker, 0 means all that it has delivered")
        try:
            with loss_is_no_cancellation():
                await self.raw.basic_ack(tag, multiple=True, wait=False)
        except (AMQPError, OSError, RuntimeError) as error:
            raise BrokerUnavailable(f"the connection was lost before the acknowledgement: {error}") from error

    def end(self, why: str) -> None:
        """Gather nothing more. The first reason stays."""
        if not self.ended.is_set():
            self.ended_because = why
            self.ended.set()
        self.waiting.clear()
        self._changed.set()

    async def close(self) -> None:
        """Close the channel: what is unacknowledged goes back to the head of the queue, in order.

        Never by cancelling the consumer, which lets the next one start before
        these are back.
        """
        self.end("closed")
        with suppress(AMQPError, OSError, RuntimeError, TimeoutError, BrokerUnavailable), loss_is_no_cancellation():
            await self.raw.close()

    # These only note what happened: they run inside the connection's reader.

    def _on_delivery(self, delivered: Delivered) -> None:
        if not self.ended.is_set():
            self.waiting.append(delivered)
            self._changed.set()

    async def _on_cancelled(self, _frame: spec.Basic.Cancel) -> None:
        self.end("the broker cancelled the consumer; was its queue deleted?")

    def _on_closed(self, closing: "asyncio.Future[object]") -> None:
        reason = None if closing.cancelled() else closing.exception()
        self.end(f"the connection was lost: {reason or 'closed'}")
