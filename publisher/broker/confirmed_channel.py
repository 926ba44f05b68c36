"""Publishing in batches: many messages in one write, their confirms awaited together.

aiormq's own `basic_publish` locks, writes and awaits message by message: 150 µs
of CPU each, against about 9 µs when the frames of a batch are joined and one
future stands for all their confirms. aiormq has no call for that, so this module
reaches into its channel: it numbers the publishes, writes them to the stream,
and takes over the handling of confirms. The names it relies on are checked by a
test; the client libraries are pinned.

A batch is numbered and written in one go, without an await in between: the broker
counts what arrives, so nobody may give up half-way, or get in between. Where the
broker reads nothing, callers wait before that, in their order: those who give up
have sent nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import aiormq
from aiormq.exceptions import AMQPError, ChannelAccessRefused, ChannelNotFoundEntity, ChannelPreconditionFailed
from pamqp import commands as spec

from publisher.broker.frames import publish_frames
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.messages import OutgoingMessage
from publisher.broker.tapped_connection import TappedConnection
from publisher.concurrency import shared_task
from publisher.errors import BrokerRefused, BrokerUnavailable, OrderError, Unroutable

OPEN_TIMEOUT_SECONDS = 10.0
"""A broker that has blocked the connection, or is gone, may never answer."""

_Confirm = spec.Basic.Ack | spec.Basic.Nack | spec.Basic.Reject


@dataclass(slots=True)
class _Batch:
    """The publishes that one caller waits for."""

    outstanding: int
    settled: asyncio.Future[None]
    carries_user_id: bool
    refused: list[str] = field(default_factory=list)
    unroutable: list[str] = field(default_factory=list)

    def confirm(self) -> None:
        self.outstanding -= 1
        if self.outstanding == 0 and not self.settled.done():
            self.settled.set_result(None)


@dataclass(slots=True)
class _Mandatory:
    """What aiormq finds for a returned message; it calls `set_exception`."""

    batch: _Batch
    routing_key: str

    def set_exception(self, _returned: BaseException) -> None:
        self.batch.unroutable.append(self.routing_key)


class ConfirmedChannel:
    """A channel in confirm mode for any number of concurrent publishers."""

    def __init__(self, connection: TappedConnection, channel: aiormq.Channel) -> None:
        self._connection = connection
        self._channel = channel
        self._outstanding: dict[int, _Batch] = {}
        self._message_ids: dict[int, str] = {}
        self._turns = asyncio.Lock()
        self._caller_count = 0
        self._given_up = False
        self._leaving: asyncio.Task[None] | None = None
        # An instance attribute shadows the method, so aiormq reports confirms here.
        channel._on_confirm_frame = self._on_confirm  # type: ignore[method-assign]  # noqa: SLF001
        channel.closing.add_done_callback(self._on_closed)

    @classmethod
    async def open(
        cls, connection: TappedConnection, timeout_seconds: float = OPEN_TIMEOUT_SECONDS
    ) -> "ConfirmedChannel":
        """Return a new channel on `connection`. Raises `BrokerUnavailable`."""
        try:
            with loss_is_no_cancellation():
                async with asyncio.timeout(timeout_seconds):
                    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                    return cls(connection, await channel.get_underlay_channel())  # type: ignore[arg-type]
        except (AMQPError, OSError, RuntimeError, TimeoutError) as error:
            raise BrokerUnavailable(f"no channel could be opened: {error!r}") from error

    @property
    def usable(self) -> bool:
        """Whether a publish can be tried; after a loss it never is again."""
        return not (self._channel.is_closed or self._given_up)

    def give_up(self) -> None:
        """Let nothing more be published here; once nobody waits for a confirm any more, the channel is closed."""
        self._given_up = True
        self._close_if_left()

    async def publish(self, messages: Sequence[OutgoingMessage]) -> None:
        """Publish `messages` in their order and return once the broker has confirmed every one.

        Raises `BrokerUnavailable` when the channel was lost: any part may have
        arrived. Raises `BrokerRefused` when the broker took something back, and
        `Unroutable` for a mandatory message without a queue; the others arrived.
        Raises `ValueError` for a text of over 255 bytes; then nothing was sent.
        """
        if not messages:
            return
        self._caller_count += 1
        try:
            async with self._turns:
                await self._connection.room()
                batch = self._written(messages)
            await batch.settled
        finally:
            self._caller_count -= 1
            self._close_if_left()
        if batch.unroutable:
            raise Unroutable(f"no queue is bound for {_listed(batch.unroutable)}; has an order-worker been started?")
        if batch.refused:
            raise BrokerRefused(f"the broker did not take {_listed(batch.refused)}; its log says why")

    def _close_if_left(self) -> None:
        # A connection lives for weeks; what is given up now and then must not add up.
        if self._given_up and self._caller_count == 0 and self._leaving is None:
            self._leaving = shared_task(self.close())

    def _written(self, messages: Sequence[OutgoingMessage]) -> _Batch:
        if not self.usable:
            raise BrokerUnavailable("the channel is closed")
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        batch = _Batch(len(messages), settled, any(message.user_id is not None for message in messages))
        self._write(batch, messages)
        return batch

    def _write(self, batch: _Batch, messages: Sequence[OutgoingMessage]) -> None:
        # A message id is fresh for every send: returns are matched by it, and two with one id get mixed up.
        message_ids = [uuid4().hex if message.mandatory else None for message in messages]
        channel, limit_bytes = self._channel.number, self._channel.max_content_size
        frames = [
            publish_frames(message, message_id, channel, limit_bytes)
            for message, message_id in zip(messages, message_ids, strict=True)
        ]
        for message, message_id in zip(messages, message_ids, strict=True):
            self._number(batch, message.routing_key, message_id)
        self._connection.write(b"".join(frames))

    def _number(self, batch: _Batch, routing_key: str, message_id: str | None) -> None:
        channel = self._channel
        channel.delivery_tag += 1
        self._outstanding[channel.delivery_tag] = batch
        if message_id is not None:
            channel.message_id_delivery_tag[message_id] = channel.delivery_tag
            channel.confirmations[channel.delivery_tag] = _Mandatory(batch, routing_key)  # type: ignore[assignment]
            self._message_ids[channel.delivery_tag] = message_id

    async def _on_confirm(self, frame: _Confirm) -> None:
        tag = frame.delivery_tag or 0
        if not getattr(frame, "multiple", False):
            self._settle(tag, frame)
            return
        # Tags are numbered upwards and kept in that order, so the oldest come first.
        while self._outstanding:
            oldest = next(iter(self._outstanding))
            if oldest > tag:
                break
            self._settle(oldest, frame)

    def _settle(self, tag: int, frame: _Confirm) -> None:
        batch = self._outstanding.pop(tag, None)
        if batch is None:
            return
        self._channel.confirmations.pop(tag, None)
        message_id = self._message_ids.pop(tag, None)
        if message_id is not None:
            self._channel.message_id_delivery_tag.pop(message_id, None)
        if isinstance(frame, spec.Basic.Nack):
            batch.refused.append(f"publish {tag}")
        batch.confirm()

    def _on_closed(self, closing: "asyncio.Future[object]") -> None:
        reason = None if closing.cancelled() else closing.exception()
        self._channel.confirmations.clear()
        self._channel.message_id_delivery_tag.clear()
        batches = {id(batch): batch for batch in self._outstanding.values()}
        self._outstanding.clear()
        for batch in batches.values():
            if not batch.settled.done():
                batch.settled.set_exception(_lost(reason, batch))

    async def close(self) -> None:
        """Close the channel; what is still unconfirmed raises at its caller."""
        await self._channel.close()


def _lost(reason: BaseException | None, batch: _Batch) -> OrderError:
    if isinstance(reason, ChannelNotFoundEntity):
        return Unroutable(f"{reason}; has an order-worker been started?")
    if batch.carries_user_id and isinstance(reason, ChannelPreconditionFailed | ChannelAccessRefused):
        return BrokerRefused(str(reason))
    return BrokerUnavailable(f"the connection was lost before the broker confirmed: {reason or 'closed'}")


def _listed(names: list[str]) -> str:
    distinct = sorted(set(names))
    return ", ".join(distinct[:3]) + (f" and {len(distinct) - 3} more" if len(distinct) > 3 else "")  # noqa: PLR2004
