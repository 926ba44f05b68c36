"""The database session of one lane: a connection of its own, opened when needed and dropped when in doubt.

The connection is dedicated because taking one from a pool for every batch
halves the rate, and because a lane's statements must not overtake each other.
"""

import asyncio
from typing import Any

import asyncpg

from worker.event_store.errors import StoreUnavailable, translated
from worker.event_store.partition.owned_connection import OwnedConnection

_SESSION_SETTINGS = {
    # A batch is one statement with six writes: planning it anew each time costs as much as running it.
    "plan_cache_mode": "force_generic_plan",
    # A generic plan is made once, maybe while a table is empty, and must still be right at 100 million rows.
    "enable_seqscan": "off",
    "jit": "off",
    "synchronous_commit": "on",
    "application_name": "order-worker lane",
}


class LaneSession(OwnedConnection):
    """Runs statements one after the other; the errors of the driver come out translated."""

    def __init__(self, database_url: str) -> None:
        super().__init__(database_url, _SESSION_SETTINGS)

    async def fetch(self, text: str, *arguments: Any) -> list[asyncpg.Record]:
        """Run the statement `text`. Raises `StoreUnavailable`, after which the next call connects anew, and others."""
        try:
            connection = self._connection or await self._connect()
            return await connection.fetch(text, *arguments)  # type: ignore[no-any-return]
        # Whatever the driver raises, unless it names the content: taking it for the fault of the
        # commands would dead-letter them for a broken connection.
        except Exception as error:
            translation = translated(error)
            if isinstance(translation, StoreUnavailable):
                await self.close()
            raise translation from error
        except asyncio.CancelledError:
            # The server may still be at it: nothing that follows may come through this connection.
            self._terminate()
            raise
