"""The deliveries of one queue, taken in batches and acknowledged in batches.

When the channel closes, what was not taken is thrown away, since the broker
delivers all of it again.
"""

import asyncio
from contextlib import suppress

from aiormq.exceptions import AMQPError

from publisher.broker.consumed_channel import ConsumedChannel
from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import TappedConnection
from publisher.errors import BrokerUnavailable
from worker.broker.bundle_header import bundle_kind
from worker.broker.turns import BACKLOG_COMMANDS, Turn
from worker.broker.verified_user import verified_user
from worker.lane.bundles import message_count
from worker.lane.ports import Delivery, SourceClosed


class QueueSource:
    """A consumer on one queue; on a queue with a single active consumer it may wait for its turn for ever."""

    def __init__(self, channel: ConsumedChannel, queue: str, own_user: str, turn: Turn) -> None:
        self._channel = channel
        self._queue = queue
        self._own_user = own_user
        self._turn = turn
        self._in_work = 0

    @classmethod
    async def open(
        cls, connection: TappedConnection, queue: str, *, prefetch_count: int, own_user: str, turn: Turn
    ) -> "QueueSource":
        """Start consuming `queue`, as the broker's user `own_user`; batches are handed out in `turn`.

        Raises `BrokerUnavailable`, also when there is no such queue.
        """
        try:
            with loss_is_no_cancellation():
                channel = await ConsumedChannel.open(connection, prefetch_count)
                await channel.consume(queue)
        except (AMQPError, OSError, RuntimeError) as error:
            raise BrokerUnavailable(f"{queue} cannot be consumed: {error!r}") from error
        return cls(channel, queue, own_user, turn)

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        """Wait for a delivery, and with a backlog for a turn; return what is here by then, up to `limit` commands.

        Without `wait`, only for a turn.
        """
        waiting = self._channel.waiting
        while True:
            self._require_open()
            if self._has_backlog():
                await self._turn.take()
                self._require_open()
            if waiting:
                return self._taken(limit)
            self._turn.give_back()
            if not wait:
                return []
            await self._channel.changed()

    def _has_backlog(self) -> bool:
        waiting = self._channel.waiting
        if len(waiting) >= BACKLOG_COMMANDS:
            return True
        return sum(message_count(self._delivery(delivered)) for delivered in waiting) >= BACKLOG_COMMANDS

    def _taken(self, limit: int) -> list[Delivery]:
        waiting = self._channel.waiting
        taken: list[Delivery] = []
        count = 0
        while waiting and count < limit:
            delivery = self._delivery(waiting.popleft())
            count += message_count(delivery)
            taken.append(delivery)
        self._in_work = len(taken)
        return taken

    @property
    def held(self) -> int:
        """Return how many deliveries are here and not acknowledged."""
        return self._in_work + len(self._channel.waiting)

    @property
    def ended_because(self) -> str:
        """Return why it hands out nothing more; empty while it does."""
        return self._channel.ended_because

    @property
    def next(self) -> Delivery | None:
        """Return what would be taken next, if anything has arrived."""
        waiting = self._channel.waiting
        return self._delivery(waiting[0]) if waiting else None

    async def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge `delivery` and all before it; on a channel that is gone this is never tried again."""
        try:
            await self._channel.acknowledge(delivery.tag)
            self._in_work = 0
        except BrokerUnavailable as error:
            raise SourceClosed(f"{self._queue}: {error}") from error
        finally:
            self._turn.give_back()

    async def pause(self, delay_seconds: float) -> None:
        """Wait for `delay_seconds`, and let others work; raise `SourceClosed` as soon as the source closes."""
        self._turn.give_back()
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_seconds):
                await self._channel.ended.wait()
        self._require_open()

    def _require_open(self) -> None:
        if self._channel.ended.is_set():
            raise SourceClosed(f"{self._queue}: {self._channel.ended_because}")

    def stop(self) -> None:
        """Hand out nothing more; what was taken can still be acknowledged."""
        self._channel.end("stopped")

    async def close(self) -> None:
        """Close the channel: what is unacknowledged goes back to the head of the queue, in order."""
        self.stop()
        self._turn.give_back()
        await self._channel.close()

    def _delivery(self, delivered: Delivered) -> Delivery:
        properties = delivered.properties
        user = verified_user(properties.user_id, properties.headers, self._own_user)
        return Delivery(
            delivered.body,
            delivered.tag,
            self._queue,
            delivered.routing_key,
            delivered.redelivered,
            properties.reply_to,
            properties.correlation_id,
            user,
            properties.content_type,
            properties.headers,
            bundle=bundle_kind(properties.headers, user, self._own_user),
        )
