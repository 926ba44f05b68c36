"""A worker's own connection for the ledger: short transactions, one after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from worker.event_store.errors import StoreUnavailable, translated

CONNECT_TIMEOUT_SECONDS = 10.0
STATEMENT_TIMEOUT_SECONDS = 30.0
CLOSE_TIMEOUT_SECONDS = 2.0

_DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that was cut while nobody used it
    OSError,
    TimeoutError,
)


class LedgerSession:
    """Opened when needed, dropped when in doubt."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._connection: asyncpg.Connection | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """Give a connection in a transaction that ends with the block.

        Raises `EventStoreError`: what the driver raises, translated. After
        `StoreUnavailable` the next one connects anew; whether this one took
        effect is in doubt.
        """
        try:
            connection = self._connection or await self._connect()
            async with connection.transaction():
                yield connection
        except _DRIVER_ERRORS as error:
            translation = translated(error)
            if isinstance(translation, StoreUnavailable):
                await self.close()
            raise translation from error
        except BaseException:
            # The server may still be at it: nothing that follows may come through this connection.
            self._terminate()
            raise

    async def _connect(self) -> asyncpg.Connection:
        self._connection = await asyncpg.connect(
            self._database_url,
            timeout=CONNECT_TIMEOUT_SECONDS,
            command_timeout=STATEMENT_TIMEOUT_SECONDS,
            server_settings={"application_name": "order-worker ledger", "jit": "off"},
        )
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
        with suppress(*_DRIVER_ERRORS):
            await connection.close(timeout=CLOSE_TIMEOUT_SECONDS)
            return
        connection.terminate()
