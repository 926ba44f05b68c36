"""A connection of aio-pika whose deliveries are taken out by a tap."""

import asyncio
from contextlib import suppress
from typing import Any

import aio_pika
import aiormq
from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPConnectionError
from yarl import URL

from publisher.broker.delivery_tap import DeliveryTap, Sink

UNSENT_LIMIT_BYTES = 64 * 1024
"""What may wait here while the broker does not read on; the kernel holds megabytes besides."""

_HEARTBEAT_FRAME = b"\x08\x00\x00\x00\x00\x00\x00\xce"
_SIGN_OF_LIFE_SECONDS = 1.0
"""The shortest heartbeat is a second, and three of them may be missed."""


class TappedConnection(aio_pika.Connection):
    """What `connect` returns; beside the tap, a connection like any other of aio-pika."""

    def __init__(self, url: URL, **parameters: Any) -> None:
        super().__init__(url, **parameters)
        self._tap = DeliveryTap()
        # aio-pika passes its keywords on to aiormq, which offers this one to everybody.
        self._opened = _TappedTransport(self._tap)
        self.kwargs["transport_factory"] = self._opened

    def deliver(self, channel: aiormq.Channel, sink: Sink) -> None:
        """Call `sink` with each delivery to `channel`, in order, until it closes."""
        number = channel.number
        self._tap.attach(number, sink)
        channel.closing.add_done_callback(lambda _closing: self._tap.detach(number, sink))

    async def room(self) -> None:
        """Wait until at most `UNSENT_LIMIT_BYTES` of what was written here have not gone out, or the stream ends."""
        if self._opened.writer is not None:
            with suppress(OSError):
                await self._opened.writer.drain()

    def write(self, frames: bytes) -> None:
        """Write whole frames, behind all that was written here before, and ahead of what aiormq has still in hand.

        Where the stream is gone, or being closed, nothing happens: its channels close.
        """
        writer = self._opened.writer
        if writer is not None and not writer.is_closing():
            writer.write(frames)

    def abandon(self) -> None:
        """Cut the stream, also where the connection got lost between the libraries while it was opened."""
        if self._opened.writer is not None:
            self._opened.writer.transport.abort()


class _TappedTransport(TransportFactory):
    """Opens a stream as aiormq does, with a reader that asks the tap first."""

    def __init__(self, tap: DeliveryTap) -> None:
        self._tap = tap
        self.writer: asyncio.StreamWriter | None = None

    async def create(self, url: URL, **parameters: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return both ends of a new stream to the broker at `url`."""
        contexts = parameters.pop("ssl_context_provider")
        context = await contexts.get_context() if url.scheme == "amqps" else None
        loop = asyncio.get_running_loop()
        reader = _TappedReader(self._tap, loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        try:
            transport, _ = await loop.create_connection(
                lambda: protocol, str(url.host), url.port or 0, ssl=context, **parameters
            )
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error
        transport.set_write_buffer_limits(high=UNSENT_LIMIT_BYTES)
        self.writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return reader, self.writer


class _TappedReader(asyncio.StreamReader):
    """Holds what the tap leaves."""

    def __init__(self, tap: DeliveryTap, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._tap = tap
        self._time = loop.time
        self._fed_at_seconds = loop.time()

    def feed_data(self, data: Any) -> None:
        """Pass on what is no delivery, and a heartbeat where there has been nothing else for long.

        Whoever reads takes a broker for dead that sends nothing; one that is busy
        delivering sends no heartbeats.
        """
        passed = self._tap.divert(data)
        now_seconds = self._time()
        if not passed and now_seconds - self._fed_at_seconds >= _SIGN_OF_LIFE_SECONDS:
            passed = _HEARTBEAT_FRAME
        if passed:
            self._fed_at_seconds = now_seconds
            super().feed_data(passed)


async def unused(_message: object) -> None:
    """Stand in for the callback that aiormq asks a consumer for; a tapped channel never calls it."""
