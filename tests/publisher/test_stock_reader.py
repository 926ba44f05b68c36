"""Looks at a real database, and what may go wrong with them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from publisher import DatabaseUnavailable
from publisher.database.stock_reader import ANSWERS_PER_LOOK_LIMIT, ATTEMPTS, StockReader
from publisher.stock_view.look import Head
from publisher.stock_view.sku_stock import Level, SkuStock
from schemas.results import Outcome, Result, encode_result

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
    look = await reader.look(["A", "B", "C", "never heard of"], {})
    assert sorted(look.heads) == [Head(0, 3, 12), Head(1, 1, 0)]
    assert look.stocks == {
        "A": SkuStock(7, {"main": Level(10, 4), "attic": Level(1, 0)}),
        "B": SkuStock(2, {"main": Level(2, 0)}, whole=False),  # its last event has written no stock row
        "C": SkuStock(1, {}, whole=False),
        "never heard of": SkuStock(0, {}),
    }


async def test_a_look_for_nothing_finds_the_partitions(reader: StockReader) -> None:
    look = await reader.look([], {})
    assert (len(look.heads), look.stocks) == (2, {})


async def test_a_look_brings_the_answers_beyond_those_that_were_shown(reader: StockReader, database: Any) -> None:
    await _answer(database, (0, 3), (0, 1), (1, 1), (0, 2), (2, 1))
    look = await reader.look(["B"], {0: 1, 1: 0})
    assert [(answer.partition, answer.sequence) for answer in look.answers if answer.partition == 0] == [(0, 2), (0, 3)]
    assert [(answer.partition, answer.sequence) for answer in look.answers if answer.partition != 0] == [(1, 1)]
    assert (len(look.heads), look.stocks["B"].version) == (2, 2)


async def test_a_look_brings_so_many_answers_at_most(reader: StockReader, database: Any) -> None:
    await _answer(database, *((partition, number) for partition in (0, 1) for number in range(1, 400)))
    look = await reader.look([], {0: 0, 1: 100})
    assert len(look.answers) == ANSWERS_PER_LOOK_LIMIT
    assert [answer.sequence for answer in look.answers if answer.partition == 1] == list(range(101, 351))


async def test_an_answer_of_a_later_release_is_passed_over(
    reader: StockReader, database: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await _answer(database, (0, 1))
    await database.execute("INSERT INTO commands VALUES (gen_random_uuid(), '', 0, 2, '{\"outcome\": \"postponed\"}')")
    assert [answer.sequence for answer in (await reader.look([], {0: 0})).answers] == [1]
    assert "not a result" in caplog.text


async def _answer(database: Any, *numbers: tuple[int, int]) -> None:
    """Store an answer of each partition and number."""
    for partition, sequence in numbers:
        answer = Result(
            command_id=uuid4(),
            outcome=Outcome.APPLIED,
            type="purchase",
            sku="A",
            location="main",
            quantity=1,
            reason=None,
            message=None,
            partition=partition,
            sequence=sequence,
        )
        await database.execute(
            "INSERT INTO commands VALUES ($1, '', $2, $3, $4)",
            *(answer.command_id, partition, sequence, encode_result(answer).decode()),
        )


@pytest.mark.parametrize("state", ["40P01", "40001"], ids=["deadlock", "serialization failure"])
async def test_a_look_that_loses_is_tried_again(reader: StockReader, database: Any, state: str) -> None:
    await database.execute(INJECTION.format(times=ATTEMPTS - 1, state=state))
    assert (await reader.look(["B"], {})).stocks["B"].levels == {"main": Level(2, 0)}


async def test_a_look_that_always_loses_says_so(reader: StockReader, database: Any) -> None:
    await database.execute(INJECTION.format(times=ATTEMPTS, state="40P01"))
    with pytest.raises(DatabaseUnavailable, match="as the test wants it"):
        await reader.look(["B"], {})
    assert (await reader.look(["B"], {})).stocks["B"].version == 2


async def test_a_session_that_was_ended_is_replaced_unnoticed(reader: StockReader, database: Any) -> None:
    await reader.look([], {})
    ended = await database.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'order stock view' AND datname = current_database()"
    )
    assert len(ended) == 1
    assert (await reader.look(["B"], {})).stocks["B"].version == 2


async def test_a_database_without_partitions_says_what_to_do(migrated_database_url: str) -> None:
    reader = StockReader(migrated_database_url)
    with pytest.raises(DatabaseUnavailable, match="has an order-worker been started"):
        await reader.look([], {})
    await reader.close()


async def test_a_database_without_our_schema_says_what_to_do(database_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="order-worker migrate"):
        await StockReader(database_url).look([], {})


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/x", "http://127.0.0.1/x", "nonsense"])
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(DatabaseUnavailable):
        await StockReader(url).look([], {})
