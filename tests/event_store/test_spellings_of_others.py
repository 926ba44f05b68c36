"""What other programs write as data: SQL and Python count it alike, and what is no stock is not looked at."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.event_store.tables_of_others import create_tables, insert_event
from worker.event_store import EventStore, InventoryAggregate, ReadModelProjection, UnreadableEvent, fold_stock

COUNTED = {
    "2": 2,
    "999999999999999": 999_999_999_999_999,
    "1000000000000000": 0,
    "2.0": 0,
    "2.5": 0,
    '"2"': 0,
    "true": 0,
    "null": 0,
    "[2]": 0,
    "{}": 0,
    "0": 0,
    "-1": 0,
    "1e30": 0,
    "9223372036854775808": 0,
    "1e-3": 0,
}
"""Quantities as they are written, and the units they stand for."""

EXPONENTS = ("2e0", "2E0", "20e-1", "0.2e1")
"""A column of jsonb makes whole numbers of some of these; text and json keep what was written, which is none."""

NO_STOCK = (
    "{}",
    "[]",
    "[1]",
    '"text"',
    "3",
    "null",
    '{"item_id": "x"}',
    '{"item_id": 7, "quantity": 2}',
    '{"item_id": null, "quantity": 2}',
    '{"item_id": ["x"], "quantity": 2}',
    '{"quantity": 2}',
)


@pytest.fixture(params=["jsonb", "json", "text"])
async def data_type(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def others(database_url: str, data_type: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as pool:
        await create_tables(pool, data_type=data_type)
        yield pool


async def _stock(pool: asyncpg.Pool, aggregate_id: str, item_id: str = "x") -> int:
    """Return the stock, which all ways of counting it must agree on."""
    store, projection = EventStore(pool), ReadModelProjection()
    loaded = await InventoryAggregate(store, aggregate_id).get_stock(item_id)
    for event in await store.get_events(aggregate_id):
        await projection.handle_event(event)
    assert projection.get_stock(aggregate_id, item_id) == loaded
    assert (await store.replay_events(aggregate_id, fold_stock)).get(item_id, 0) == loaded
    return loaded


async def test_a_quantity_counts_alike_however_it_is_written(others: asyncpg.Pool) -> None:
    for written in COUNTED:
        await insert_event(others, 1, "StockAdded", f'{{"item_id": "x", "quantity": {written}}}', written)
    assert {written: await _stock(others, written) for written in COUNTED} == COUNTED


async def test_a_difference_counts_alike_however_it_is_written(others: asyncpg.Pool) -> None:
    expected = {**COUNTED, "-1": -1, "-0": 0, "-999999999999999": -999_999_999_999_999, "-1000000000000000": 0}
    for written in expected:
        await insert_event(others, 1, "StockAdjusted", f'{{"item_id": "x", "difference": {written}}}', written)
    assert {written: await _stock(others, written) for written in expected} == expected


async def test_an_exponent_counts_as_what_the_column_made_of_it(others: asyncpg.Pool, data_type: str) -> None:
    for written in EXPONENTS:
        await insert_event(others, 1, "StockAdded", f'{{"item_id": "x", "quantity": {written}}}', written)
    stocks = {written: await _stock(others, written) for written in EXPONENTS}
    assert set(stocks.values()) == ({0, 2} if data_type == "jsonb" else {0})


async def test_what_names_no_item_or_quantity_moves_none(others: asyncpg.Pool) -> None:
    for number, data in enumerate(NO_STOCK):
        for version, event_type in enumerate(("StockAdded", "StockAdjusted", "StockTransferred"), 1):
            await insert_event(others, version, event_type, data, str(number))
        assert await _stock(others, str(number)) == 0, data


async def test_of_a_key_that_comes_twice_the_last_counts(others: asyncpg.Pool) -> None:
    await insert_event(others, 1, "StockAdded", '{"item_id": "y", "quantity": 5, "item_id": "x", "quantity": 2}')
    assert await _stock(others, "A") == 2


async def test_a_float_that_was_appended_counts_alike_when_it_is_read(others: asyncpg.Pool) -> None:
    store = EventStore(others)
    for quantity in (2.0, 1e15, 1e16, 1e30):
        await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": quantity})
        assert await InventoryAggregate(store, "A").get_stock("x") == await _stock(others, "A") == 0


UNREADABLE_NOTES = {"json": '{"note": "\\u0000", "half": "\\ud800"}', "text": "{no json"}


async def test_a_note_that_jsonb_cannot_hold_does_not_block_the_aggregate(others: asyncpg.Pool, data_type: str) -> None:
    await insert_event(others, 1, "StockAdded", '{"item_id": "x", "quantity": 5}')
    await insert_event(others, 2, "Noted", UNREADABLE_NOTES.get(data_type, "[]"))
    aggregate = InventoryAggregate(EventStore(others), "A")
    await aggregate.remove_stock("x", 2)
    assert await aggregate.get_stock("x") == 3
    assert (await EventStore(others).append_event("A", "Noted", {})).version == 4


@pytest.mark.parametrize("data_type", ["json", "text"], indirect=True)
async def test_a_stock_event_that_jsonb_cannot_hold_counts_as_python_reads_it(others: asyncpg.Pool) -> None:
    await insert_event(others, 1, "StockAdded", '{"item_id": "x", "quantity": 5, "note": "\\u0000"}')
    await insert_event(others, 2, "StockRemoved", '{"item_id": "x", "quantity": 1}')
    assert await _stock(others, "A") == 4
    await InventoryAggregate(EventStore(others), "A").remove_stock("x", 4)
    assert await _stock(others, "A") == 0


@pytest.mark.parametrize("data_type", ["text"], indirect=True)
@pytest.mark.parametrize("data", ["{no json", "", '{"n": ' + "9" * 5000 + "}", "[" * 100_000])
async def test_what_nobody_can_read_is_named(others: asyncpg.Pool, data: str) -> None:
    store = EventStore(others)
    await insert_event(others, 1, "Noted", "{}")
    await insert_event(others, 2, "StockAdded", data)
    with pytest.raises(UnreadableEvent, match=r"A: the data of version 2 \(StockAdded\)"):
        await store.get_events("A")
    assert len(await store.get_events_snapshot_safe("A", 0, 1)) == 1
    assert (await store.append_event("B", "Noted", {})).version == 1


@pytest.mark.parametrize("data_type", ["text"], indirect=True)
async def test_stock_that_nobody_can_read_is_not_guessed(others: asyncpg.Pool) -> None:
    await insert_event(others, 1, "StockAdded", "{no json")
    with pytest.raises(UnreadableEvent, match="version 1"):
        await InventoryAggregate(EventStore(others), "A").remove_stock("x", 1)
