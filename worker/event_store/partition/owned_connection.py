"""A connection that one owner has to itself: opened when needed and dropped when in doubt."""

from collections.abc import Mapping
from contextlib import suppress

import asyncpg

STATEMENT_TIMEOUT_SECONDS = 30.0
"""A statement that takes longer is given up; whether it took effect is then in doubt."""

CONNECT_TIMEOUT_SECONDS = 10.0
CLOSE_TIMEOUT_SECONDS = 2.0

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that was cut while nobody used it
    OSError,
    TimeoutError,
)
"""What a connection may raise for reasons of its own or of the server's."""


class OwnedConnection:
    """What the sessions of lanes and of the ledger's clocks are made of."""

    def __init__(self, database_url: str, server_settings: Mapping[str, str]) -> None:
        self._database_url = database_url
        self._server_settings = server_settings
        self._connection: asyncpg.Connection | None = None
        self.connection_count = 0
        """Connections opened so far; all but the first are reconnects."""

    async def _connect(self) -> asyncpg.Connection:
        self._connection = await asyncpg.connect(
            self._database_url,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=STATEMENT_TIMEOUT_SECONDS,
            server_settings=dict(self._server_settings),
        )
        self.connection_count += 1
        return self._connection

    def _terminate(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    async def close(self) -> None:
        """Give the connection back; a later call opens a new one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(*DRIVER_ERRORS):
            await connection.close(timeout=CLOSE_TIMEOUT_SECONDS)
            return
        connection.terminate()
