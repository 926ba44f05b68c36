"""A database with one partition, and lanes that work on it as they would in a running shop."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.worker.operations.recorded_shop import RecordedShop
from worker.database.topology import record_partition_count


@pytest.fixture
async def shop(migrated_database_url: str) -> AsyncIterator[RecordedShop]:
    connection = await asyncpg.connect(migrated_database_url)
    await record_partition_count(connection, 1)
    shop = RecordedShop(connection, migrated_database_url)
    yield shop
    await shop.store.close()
    await connection.close()
