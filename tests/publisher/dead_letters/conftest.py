from collections.abc import AsyncIterator

import asyncpg
import pytest

from publisher.dead_letters import DeadLetters
from tests.publisher.dead_letters.ledger_rows import PARTITION_COUNT, LedgerRows


@pytest.fixture
async def rows(migrated_database_url: str) -> AsyncIterator[LedgerRows]:
    connection = await asyncpg.connect(migrated_database_url)
    await connection.execute("INSERT INTO topology (partition_count, recorded_at) VALUES ($1, now())", PARTITION_COUNT)
    yield LedgerRows(connection)
    await connection.close()


@pytest.fixture
async def ledger(migrated_database_url: str, rows: LedgerRows) -> AsyncIterator[DeadLetters]:
    assert rows is not None
    async with DeadLetters(migrated_database_url) as ledger:
        yield ledger
