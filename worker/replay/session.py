"""A worker's own connection for the ledger: short transactions, one after the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from worker.event_store.errors import StoreUnavailable, translated
from worker.event_store.partition.owned_connection import DRIVER_ERRORS, OwnedConnection

_SESSION_SETTINGS = {"application_name": "order-worker ledger", "jit": "off"}


class LedgerSession(OwnedConnection):
    """Opened when needed, dropped when in doubt."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, _SESSION_SETTINGS)

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
        except DRIVER_ERRORS as error:
            translation = translated(error)
            if isinstance(translation, StoreUnavailable):
                await self.close()
            raise translation from error
        except BaseException:
            # The server may still be at it: nothing that follows may come through this connection.
            self._terminate()
            raise
