"""A connection for publishing that is opened when it is needed and comes back by itself."""

import asyncio
from collections.abc import Sequence

from publisher.broker.confirmed_channel import ConfirmedChannel
from publisher.broker.connection import connect, hang_up
from publisher.broker.messages import OutgoingMessage
from publisher.broker.tapped_connection import TappedConnection
from publisher.concurrency import cancel_all, shared_task
from publisher.errors import BrokerUnavailable, ClientClosed

DEFAULT_HEARTBEAT_SECONDS = 10

REOPEN_TIMEOUT_SECONDS = 3.0
"""A connection that is alive gives another channel within a round trip; one that does not is replaced."""


class Sender:
    """Publishes batches over one connection of its own.

    Of its own, because the broker blocks publishing connections when it runs
    short, and a consumer on the same connection would stall with it.
    """

    def __init__(self, url: str, *, name: str, heartbeat_seconds: int = DEFAULT_HEARTBEAT_SECONDS) -> None:
        self._url = url
        self._name = name
        self._heartbeat_seconds = heartbeat_seconds
        self._opening: asyncio.Task[ConfirmedChannel] | None = None
        self._connection: TappedConnection | None = None
        self._channel: ConfirmedChannel | None = None
        self._closed = False
        self.connection_count = 0
        """Connections opened so far; all but the first are reconnects."""

    async def publish(self, messages: Sequence[OutgoingMessage], *, within_seconds: float | None = None) -> None:
        """Try once: return when all are confirmed, else raise as `ConfirmedChannel.publish` does.

        After `BrokerUnavailable` the next call opens a new channel, or connection. What
        is not confirmed `within_seconds` raises that, too, and may have arrived.
        """
        channel = await self.channel()
        try:
            async with asyncio.timeout(within_seconds):
                await channel.publish(messages)
        except TimeoutError as error:
            channel.give_up()
            raise BrokerUnavailable(f"the broker has confirmed nothing for {within_seconds:.0f} s") from error

    async def channel(self) -> ConfirmedChannel:
        """Return the open channel, connecting first where there is none.

        Raises `BrokerUnavailable`, and `ClientClosed` after `close`.

        For callers whose batches must stay in order: what is published on one
        channel arrives in that order, and nothing arrives after its loss.
        """
        if self._closed:
            raise ClientClosed
        if self._opening is not None and self._opening.get_loop() is not asyncio.get_running_loop():
            # Its confirms would reach nobody: whoever waits for one would learn of it by chance.
            raise RuntimeError("this client has connected in another event loop: make one for each")
        if self._channel is not None and self._channel.usable:
            return self._channel
        opening = self._opening_for_all()
        # Were it each caller's own, where patience is short and callers are many, each would begin anew with what
        # is left of its own, and none get there.
        await asyncio.wait({opening})
        if self._closed:
            raise ClientClosed
        return opening.result()

    def _opening_for_all(self) -> asyncio.Task[ConfirmedChannel]:
        if self._opening is None or self._opening.done():
            self._opening = shared_task(self._open_channel())
        return self._opening

    async def _open_channel(self) -> ConfirmedChannel:
        self._channel = await self._channel_on_old_connection() or await self._channel_on_new_connection()
        return self._channel

    async def _channel_on_old_connection(self) -> ConfirmedChannel | None:
        """Return None where there is none that works: a lost one does not always know that it is."""
        if self._connection is None:
            return None
        try:
            return await ConfirmedChannel.open(self._connection, REOPEN_TIMEOUT_SECONDS)
        except BrokerUnavailable:
            self._connection.abandon()
            self._connection = None
            return None

    async def _channel_on_new_connection(self) -> ConfirmedChannel:
        self._connection = await connect(self._url, name=self._name, heartbeat_seconds=self._heartbeat_seconds)
        self.connection_count += 1
        try:
            return await ConfirmedChannel.open(self._connection)
        except BrokerUnavailable:
            await self._drop_connection()
            raise

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await hang_up(connection)

    async def close(self) -> None:
        """Close the connection for good; what is still unconfirmed raises `BrokerUnavailable` at its caller."""
        self._closed = True
        if self._opening is not None:
            await cancel_all([self._opening])
        await self._drop_connection()
