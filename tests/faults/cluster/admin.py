"""The database as its administrator sees it: straight, past every proxy, whatever its settings are just now."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

CONNECT_TIMEOUT_SECONDS = 10.0
_SETTINGS = {"default_transaction_read_only": "off", "statement_timeout": "0", "application_name": "fault campaign"}

_END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'order-worker%'"


class Admin:
    """Short errands, each on a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Give a connection."""
        connection = await asyncpg.connect(self.url, timeout=CONNECT_TIMEOUT_SECONDS, server_settings=_SETTINGS)
        try:
            yield connection
        finally:
            connection.terminate()

    async def rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Return what the database holds."""
        async with self.connection() as connection:
            return list(await connection.fetch(query, *arguments))

    async def end_sessions(self, connection: asyncpg.Connection) -> int:
        """End every session of a worker, over a connection that is open; return how many."""
        return len(await connection.fetch(_END_SESSIONS))

    async def set(self, name: str, value: str) -> None:
        """Change a setting of the server, for sessions that are open, too."""
        async with self.connection() as connection:
            await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            await connection.execute("SELECT pg_reload_conf()")

    async def reset(self) -> None:
        """Take all changed settings back."""
        async with self.connection() as connection:
            await connection.execute("ALTER SYSTEM RESET ALL")
            await connection.execute("SELECT pg_reload_conf()")
