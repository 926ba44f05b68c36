"""Looks at a real database, and what may go wrong with them."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from publisher import DatabaseUnavailable
from publisher.database.stock_reader import ATTEMPTS, StockReader
from publisher.stock_view.look import Head
from publisher.stock_view.sku_stock import Level, SkuStock

INJECTION = """
    CREATE SEQUENCE injected;
    CREATE FUNCTION injected_failure() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('injected') <= {times} THEN
            RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '{state}';
        END IF;
        RETURN true;
    END $$;
    ALTER TABLE stock_levels RENAME TO kept_levels;
    CREATE VIEW stock_levels AS SELECT * FROM kept_levels WHERE injected_failure();
"""


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(migrated_database_url)
    await connection.execute(
        "INSERT INTO partitions (partition, epoch, sequence) VALUES (0, 3, 12), (1, 1, 0);"
        "INSERT INTO stock_levels VALUES ('A', 'main', 10, 4, 7), ('A', 'attic', 1, 0, 5), ('B', 'main', 2, 0, 1);"
    )
    for sku, version in (("A", 7), ("B", 1), ("B", 2), ("C", 1)):
        await connection.execute(
            "INSERT INTO events VALUES ($1, $2, gen_random_uuid(), 'PriceSet', '{}', now() AT TIME ZONE 'UTC')",
            sku,
            version,
        )
    yield connection
    await connection.close()


@pytest.fixture
async def reader(database: Any, migrated_database_url: str) -> AsyncIterator[StockReader]:
    assert database is not None
    reader = StockReader(migrated_database_url)
    yield reader
    await reader.close()


async def test_a_look_finds_partitions_and_stock(reader: StockReader) -> None:
    look = await reader.look(["A", "B", "C", "never heard of"])
    assert sorted(look.heads) == [Head(0, 3, 12), Head(1, 1, 0)]
    assert look.stocks == {
        "A": SkuStock(7, {"main": Level(10, 4), "attic": Level(1, 0)}),
        "B": SkuStock(2, {"main": Level(2, 0)}, whole=False),  # its last event has written no stock row
        "C": SkuStock(1, {}, whole=False),
        "never heard of": SkuStock(0, {}),
    }


async def test_a_look_for_nothing_finds_the_partitions(reader: StockReader) -> None:
    look = await reader.look([])
    assert (len(look.heads), look.stocks) == (2, {})


@pytest.mark.parametrize("state", ["40P01", "40001"], ids=["deadlock", "serialization failure"])
async def test_a_look_that_loses_is_tried_again(reader: StockReader, database: Any, state: str) -> None:
    await database.execute(INJECTION.format(times=ATTEMPTS - 1, state=state))
    assert (await reader.look(["B"])).stocks["B"].levels == {"main": Level(2, 0)}


async def test_a_look_that_always_loses_says_so(reader: StockReader, database: Any) -> None:
    await database.execute(INJECTION.format(times=ATTEMPTS, state="40P01"))
    with pytest.raises(DatabaseUnavailable, match="as the test wants it"):
        await reader.look(["B"])
    assert (await reader.look(["B"])).stocks["B"].version == 2


async def test_a_session_that_was_ended_is_replaced_unnoticed(reader: StockReader, database: Any) -> None:
    await reader.look([])
    ended = await database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'order stock view' AND datname = current_database()"
    )
    assert len(ended) == 1
    assert (await reader.look(["B"])).stocks["B"].version == 2


async def test_a_database_without_partitions_says_what_to_do(migrated_database_url: str) -> None:
    reader = StockReader(migrated_database_url)
    with pytest.raises(DatabaseUnavailable, match="has an order-worker been started"):
        await reader.look([])
    await reader.close()


async def test_a_database_without_our_schema_says_what_to_do(database_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="order-worker migrate"):
        await StockReader(database_url).look([])


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/x", "http://127.0.0.1/x", "nonsense"])
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        await StockReader(url).look([])
