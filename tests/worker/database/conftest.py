"""A connection to a migrated database."""

from collections.abc import AsyncIterator

import asyncpg
import pytest


@pytest.fixture
async def connection(migrated_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated_database_url)
    yield connection
    await connection.close()
