"""A database connection for one verb, after making sure that the schema fits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from worker.database.migrator import check_schema


@asynccontextmanager
async def checked_database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect for the length of the context. Raises `SchemaError` where the schema does not fit."""
    connection = await asyncpg.connect(database_url)
    try:
        await check_schema(connection)
        yield connection
    finally:
        await connection.close()
