"""An empty ledger on a real database."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.worker.replay.ledger import Ledger


@pytest.fixture
async def ledger(migrated_database_url: str) -> AsyncIterator[Ledger]:
    connection = await asyncpg.connect(migrated_database_url)
    yield Ledger(connection)
    await connection.close()
