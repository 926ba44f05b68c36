from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from publisher import DatabaseUnavailable, OrderRecords, StockLevel
from schemas.reasons import Reason
from schemas.results import Outcome, Result, encode_result

RESULT = Result(
    command_id=uuid4(),
    outcome=Outcome.REJECTED,
    type="purchase",
    sku="85123A",
    location="main",
    quantity=6,
    reason=Reason.INSUFFICIENT_STOCK,
    message="only 5 of 85123A are available",
    available=5,
)


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(migrated_database_url)
    yield connection
    await connection.close()


async def test_a_stored_answer_is_read_as_it_was_sent(migrated_database_url: str, database: Any) -> None:
    await database.execute(
        "INSERT INTO commands (command_id, digest, partition, sequence, answer) VALUES ($1, '', 0, 1, $2)",
        RESULT.command_id,
        encode_result(RESULT).decode(),
    )
    async with OrderRecords(migrated_database_url) as records:
        assert RESULT.command_id is not None
        assert await records.stored_result(RESULT.command_id) == RESULT
        assert await records.stored_result(uuid4()) is None


async def test_stock_is_read_by_location(migrated_database_url: str, database: Any) -> None:
    await database.executemany(
        "INSERT INTO stock_levels (sku, location, on_hand, reserved, version) VALUES ($1, $2, $3, $4, $5)",
        [("85123A", "shop", 5, 1, 7), ("85123A", "main", 10, 0, 8), ("other", "main", 1, 0, 1)],
    )
    async with OrderRecords(migrated_database_url) as records:
        levels = await records.stock("85123A")
        assert levels == [StockLevel("85123A", "main", 10, 0, 8), StockLevel("85123A", "shop", 5, 1, 7)]
        assert [level.available for level in levels] == [10, 4]
        assert await records.stock("nothing") == []


async def test_a_database_without_our_schema_is_said_to_be_one(database_url: str) -> None:
    async with OrderRecords(database_url) as records:
        with pytest.raises(DatabaseUnavailable, match="order-worker migrate"):
            await records.stock("85123A")


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/x", "http://127.0.0.1/x", "nonsense"])
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with OrderRecords(url):
            pass
