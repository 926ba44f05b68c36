"""Opening a connection to the broker."""

import asyncio
import logging

from aiormq.exceptions import AMQPError, InvalidFrameError
from yarl import URL

from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import TappedConnection
from publisher.errors import BrokerUnavailable, InvalidInput

CONNECT_TIMEOUT_SECONDS = 10.0
"""A broker that accepts but does not answer is given up after this long."""


CLOSE_TIMEOUT_SECONDS = 5.0
"""A connection that the broker has blocked may never answer a close."""

_logger = logging.getLogger(__name__)


async def connect(url: str, *, name: str, heartbeat_seconds: int) -> TappedConnection:
    """Return an open connection that the broker shows under `name`.

    It does not reconnect: whoever holds it starts anew, because a recovered
    consumer is a new consumer (aio-pika's own recovery has lost some silently).
    Raises `BrokerUnavailable`; the message names the broker without its password.
    """
    target = URL(url).update_query(heartbeat=str(heartbeat_seconds))
    connection = TappedConnection(target, client_properties={"connection_name": name})
    try:
        with loss_is_no_cancellation():
            await _open(connection)
    # A broker that hangs up during the handshake makes aiormq raise StopAsyncIteration, of all
    # things: uncaught, it would end somebody's `async for` as if there were nothing more to do.
    except (AMQPError, OSError, TimeoutError, EOFError, RuntimeError, StopAsyncIteration) as error:
        raise BrokerUnavailable(f"broker at {shown(url)}: {_cause(error)}") from error
    return connection


async def _open(connection: TappedConnection) -> None:
    try:
        # Not aio-pika's own timeout: `asyncio.wait_for`, before Python 3.12, loses a cancellation that comes
        # at the moment when the connection is there, and who was to stop would go on for ever.
        async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
            await connection.connect()
    except BaseException:
        connection.abandon()
        raise


async def hang_up(connection: TappedConnection) -> None:
    """Close `connection`, or cut it where it does not let itself be closed, or the caller does not wait."""
    closing = asyncio.ensure_future(connection.close())
    try:
        await asyncio.wait({closing}, timeout=CLOSE_TIMEOUT_SECONDS)
    finally:
        if not closing.done():
            closing.cancel()
            connection.abandon()
    if closing.done() and not closing.cancelled() and closing.exception() is not None:
        _logger.info("closing a connection: %r", closing.exception())


def require_broker_url(url: str) -> None:
    """Raise `InvalidInput` unless `url` can be that of a broker. Nothing is opened."""
    try:
        target = URL(url)
    except ValueError as error:
        raise InvalidInput(f"not a URL of a broker: {error}") from error
    if target.scheme not in {"amqp", "amqps"}:
        raise InvalidInput(f"the URL of a broker starts with amqp:// or amqps:// (got {target.scheme or 'none'}://)")
    if not target.host:
        raise InvalidInput("the URL of a broker names a host")


def shown(url: str) -> str:
    """Return `url` fit for a log or an error: without user and password."""
    return str(URL(url).with_user(None).with_query(None))


def _cause(error: BaseException) -> str:
    if isinstance(error, InvalidFrameError):
        # aiormq keeps the broker's words to itself when opening the virtual host is refused.
        return "it refused the virtual host: it may not exist, or not be open to this user; the broker's log says which"
    return str(error) or type(error).__name__
