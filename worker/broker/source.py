"""The deliveries of one queue, taken in batches and acknowledged in batches.

A delivery only goes into the buffer. When the channel closes the buffer is thrown
away, since the broker delivers all of it again.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

import aiormq
from aiormq.exceptions import AMQPError

from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import TappedConnection, unused
from publisher.errors import BrokerUnavailable
from worker.broker.turns import BACKLOG_COMMANDS, Turn
from worker.broker.verified_user import verified_user
from worker.lane.ports import Delivery, SourceClosed


class QueueSource:
    """A consumer on one queue; on a queue with a single active consumer it may wait for its turn for ever."""

    def __init__(self, channel: aiormq.Channel, queue: str, own_user: str, turn: Turn) -> None:
        self._channel = channel
        self._queue = queue
        self._own_user = own_user
        self._turn = turn
        self._buffer: deque[Delivery] = deque()
        self._arrived = asyncio.Event()
        self._closed = asyncio.Event()
        channel.closing.add_done_callback(self._on_closed)
        channel.on_consumer_cancel_callbacks.add(self._on_cancelled)

    @classmethod
    async def open(
        cls, connection: TappedConnection, queue: str, *, prefetch_count: int, own_user: str, turn: Turn
    ) -> "QueueSource":
        """Start consuming `queue`, as the broker's user `own_user`; batches are handed out in `turn`.

        Raises `BrokerUnavailable`, also when there is no such queue.
        """
        try:
            with loss_is_no_cancellation():
                channel = await connection.channel(publisher_confirms=False)
                underlay: aiormq.Channel = await channel.get_underlay_channel()  # type: ignore[assignment]
                source = cls(underlay, queue, own_user, turn)
                await underlay.basic_qos(prefetch_count=prefetch_count)
                connection.deliver(underlay, source._on_delivery)
                await underlay.basic_consume(queue, unused)
        except (AMQPError, OSError, RuntimeError) as error:
            raise BrokerUnavailable(f"{queue} cannot be consumed: {error!r}") from error
        return source

    async def take(self, limit: int) -> list[Delivery]:
        """Wait for a delivery, and with a backlog for a turn; return what is here by then, at most `limit`."""
        while True:
            self._require_open()
            if len(self._buffer) >= BACKLOG_COMMANDS:
                await self._turn.take()
            if self._buffer:
                return self._taken(limit)
            self._turn.give_back()
            self._arrived.clear()
            await self._arrived.wait()

    def _taken(self, limit: int) -> list[Delivery]:
        self._require_open()
        return [self._buffer.popleft() for _ in range(min(limit, len(self._buffer)))]

    async def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge `delivery` and all before it; on a channel that is gone this is never tried again."""
        try:
            with loss_is_no_cancellation():
                await self._channel.basic_ack(delivery.tag, multiple=True, wait=False)
        except (AMQPError, OSError, RuntimeError, BrokerUnavailable) as error:
            raise SourceClosed(f"{self._queue}: {error!r}") from error
        finally:
            self._turn.give_back()

    async def pause(self, delay_seconds: float) -> None:
        """Wait for `delay_seconds`, and let others work; raise `SourceClosed` as soon as the source closes."""
        self._turn.give_back()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), delay_seconds)
        self._require_open()

    def _require_open(self) -> None:
        if self._closed.is_set():
            raise SourceClosed(self._queue)

    def stop(self) -> None:
        """Hand out nothing more; what was taken can still be acknowledged."""
        self._closed.set()
        self._arrived.set()

    async def close(self) -> None:
        """Close the channel: what is unacknowledged goes back to the head of the queue, in order.

        Never by cancelling the consumer, which lets the next one start before
        these are back.
        """
        self.stop()
        self._turn.give_back()
        with suppress(AMQPError, OSError, RuntimeError, TimeoutError, BrokerUnavailable), loss_is_no_cancellation():
            await self._channel.close()

    def _on_closed(self, _closing: "asyncio.Future[Any]") -> None:
        self._buffer.clear()
        self.stop()

    def _on_cancelled(self, _frame: Any) -> None:
        self._buffer.clear()
        self.stop()

    def _on_delivery(self, delivered: Delivered) -> None:
        properties = delivered.properties
        self._buffer.append(
            Delivery(
                delivered.body,
                delivered.tag,
                self._queue,
                delivered.routing_key,
                delivered.redelivered,
                properties.reply_to,
                properties.correlation_id,
                verified_user(properties.user_id, properties.headers, self._own_user),
                properties.content_type,
                properties.headers,
            )
        )
        self._arrived.set()
