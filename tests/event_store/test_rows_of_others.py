"""Rows and tables of other programs: they load, replay, and can be appended to."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from tests.event_store.pools import CountingPool
from tests.event_store.signals import snapshot_from
from tests.event_store.tables_of_others import create_tables
from worker.event_store import EventStore, InventoryAggregate, Oversold, PartitionStore, SnapshotWorker, fold_stock
from worker.lane.row_codec import stock

MOMENT = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - the tables hold naive UTC


async def _insert(pool: asyncpg.Pool, *events: tuple[str, str, int], after: int = 0) -> None:
    """Append as others would: with the columns that everybody knows, and nothing else."""
    for version, (event_type, item_id, quantity) in enumerate(events, after + 1):
        await pool.execute(
            'INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version) '
            "VALUES ($1, 'A', $2, $3, $4, $5)",
            str(uuid4()),
            event_type,
            json.dumps({"item_id": item_id, "quantity": quantity}),
            MOMENT,
            version,
        )


async def _rows(pool: asyncpg.Pool) -> dict[str, tuple[int, int]]:
    rows = await pool.fetch("SELECT location, on_hand, version FROM stock_levels WHERE sku = 'A'")
    return {row["location"]: (row["on_hand"], row["version"]) for row in rows}


async def test_the_stock_rows_of_all_items_are_caught_up(pool: asyncpg.Pool, store: EventStore) -> None:
    await _insert(pool, ("StockAdded", "x", 5), ("StockAdded", "y", 7), ("StockRemoved", "x", 1), ("Noted", "x", 9))
    aggregate = InventoryAggregate(store, "A")
    assert (await aggregate.get_stock("x"), await aggregate.get_stock("y")) == (4, 7)
    assert await _rows(pool) == {}  # reading writes nothing
    await aggregate.add_stock("x", 1)
    assert await _rows(pool) == {"x": (5, 5), "y": (7, 2)}
    await _insert(pool, ("StockRemoved", "y", 3), ("StockAdded", "z", 1), after=5)
    await aggregate.remove_stock("x", 2)
    assert await _rows(pool) == {"x": (3, 8), "y": (4, 6), "z": (1, 7)}
    assert await store.replay_events("A", fold_stock) == {"x": 3, "y": 4, "z": 1}


async def test_the_lanes_catch_them_up_too(pool: asyncpg.Pool, migrated_database_url: str) -> None:
    await _insert(pool, ("StockAdded", "x", 5), ("StockAdded", "y", 7))
    partition_store = PartitionStore(migrated_database_url)
    for _ in range(2):
        (record,) = await partition_store.load(["A"])
        levels = {location: level.on_hand for location, level in stock(record).levels.items()}
        assert (record.version, levels) == (2, {"x": 5, "y": 7})
    await _insert(pool, ("Noted", "x", 9), after=2)
    (record,) = await partition_store.load(["A"])
    assert record.levels is not None
    assert (record.version, stock(record).version, len(record.levels)) == (3, 3, 2)
    assert await _rows(pool) == {"x": (5, 1), "y": (7, 2)}
    await partition_store.close()


async def test_a_snapshot_saves_adding_up(pool: asyncpg.Pool, store: EventStore) -> None:
    await _insert(pool, ("StockAdded", "x", 5), ("StockAdded", "y", 7))
    await store.create_stock_snapshot("A")
    await _insert(pool, ("StockRemoved", "x", 1), after=2)
    fresh = InventoryAggregate(EventStore(pool), "A")
    assert (await fresh.get_stock("x"), await fresh.get_stock("y")) == (4, 7)
    await fresh.remove_stock("y", 7)
    assert await _rows(pool) == {"x": (4, 3), "y": (0, 4)}


async def test_what_is_reserved_is_not_available_and_stays(pool: asyncpg.Pool, store: EventStore) -> None:
    aggregate = InventoryAggregate(store, "A")
    await aggregate.add_stock("x", 5)
    await pool.execute("UPDATE stock_levels SET reserved = 3")
    fresh = InventoryAggregate(EventStore(pool), "A")
    with pytest.raises(ValueError, match="Insufficient stock: 2 < 3"):
        await fresh.remove_stock("x", 3)
    await fresh.remove_stock("x", 2)
    assert tuple(await pool.fetchrow("SELECT on_hand, reserved FROM stock_levels")) == (3, 3)


async def test_an_oversold_item_is_named_and_can_be_healed(pool: asyncpg.Pool, store: EventStore) -> None:
    await store.append_events("A", [("StockAdded", {"item_id": item_id, "quantity": 5}) for item_id in "xy"])
    await _insert(pool, ("StockRemoved", "x", 8), after=2)
    aggregate = InventoryAggregate(store, "A")
    assert await aggregate.get_stock("x") == -3
    await store.append_event("A", "Noted", {})
    with pytest.raises(ValueError, match="Insufficient stock: -3 < 1"):
        await aggregate.remove_stock("x", 1)
    for event_type, quantity in (("StockRemoved", 1), ("StockAdded", 2)):
        with pytest.raises(Oversold, match=r"A: .* 'x' .* -3 units .* first add 3 or more") as refusal:
            await store.append_event("A", event_type, {"item_id": "x", "quantity": quantity})
        assert (refusal.value.aggregate_id, refusal.value.item_id, refusal.value.available) == ("A", "x", -3)
    assert await store.get_current_version("A") == 4
    await aggregate.add_stock("x", 4)
    assert await _rows(pool) == {"x": (1, 5), "y": (5, 2)}
    await InventoryAggregate(EventStore(pool), "A").remove_stock("x", 1)
    assert await _rows(pool) == {"x": (0, 6), "y": (5, 2)}


async def test_other_items_of_an_oversold_aggregate_go_on(pool: asyncpg.Pool, store: EventStore) -> None:
    await store.append_events("A", [("StockAdded", {"item_id": item_id, "quantity": 5}) for item_id in "xyz"])
    await _insert(pool, ("StockRemoved", "x", 8), ("StockRemoved", "z", 6), after=3)
    await InventoryAggregate(store, "A").remove_stock("y", 2)
    with pytest.raises(Oversold, match=r"'y' .* 3 units are available; take no more"):
        await store.append_event("A", "StockRemoved", {"item_id": "y", "quantity": 4})
    # No row tells half of the truth: everybody who reads them finds that they lag behind.
    assert await _rows(pool) == {item_id: (5, version) for version, item_id in enumerate("xyz", 1)}
    fresh = InventoryAggregate(EventStore(pool), "A")
    assert [await fresh.get_stock(item_id) for item_id in "xyz"] == [-3, 3, -1]
    await fresh.add_stock("x", 3)
    await fresh.add_stock("z", 1)
    assert await _rows(pool) == {"x": (0, 7), "y": (3, 6), "z": (0, 8)}
    audit = await pool.fetch("SELECT location, delta, balance FROM audit_log WHERE version > 3 ORDER BY version")
    assert [tuple(row) for row in audit] == [("y", -2, 3), ("x", 3, 0), ("z", 1, 0)]


async def test_what_is_reserved_can_be_oversold_too(pool: asyncpg.Pool, store: EventStore) -> None:
    await InventoryAggregate(store, "A").add_stock("x", 5)
    await pool.execute("UPDATE stock_levels SET reserved = 3")
    await _insert(pool, ("StockRemoved", "x", 4), after=1)
    with pytest.raises(Oversold, match="-2 units"):
        await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
    await store.append_event("A", "StockAdjusted", {"item_id": "x", "difference": 2})
    assert tuple(await pool.fetchrow("SELECT on_hand, reserved, version FROM stock_levels")) == (3, 3, 3)


async def test_a_store_that_did_not_see_the_healing_finds_out(pool: asyncpg.Pool, store: EventStore) -> None:
    await _insert(pool, ("StockRemoved", "x", 1))
    assert await InventoryAggregate(store, "A").get_stock("x") == -1
    await InventoryAggregate(EventStore(pool), "A").add_stock("x", 9)
    await store.append_event("A", "StockRemoved", {"item_id": "x", "quantity": 8})
    assert await _rows(pool) == {"x": (0, 3)}


async def test_rows_are_caught_up_in_the_statement_that_appends(pool: asyncpg.Pool) -> None:
    await _insert(pool, ("StockAdded", "x", 5), ("StockAdded", "y", 7))
    counting = CountingPool(pool)
    await InventoryAggregate(EventStore(counting), "A").remove_stock("x", 1)
    assert len(counting.executed) == 1
    assert await _rows(pool) == {"x": (4, 3), "y": (7, 2)}


async def test_an_event_of_stock_without_its_data_moves_none(pool: asyncpg.Pool, store: EventStore) -> None:
    await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
    for data in ({}, {"item_id": "x"}, {"item_id": 1, "quantity": 1}, {"item_id": "x", "quantity": -1}):
        await store.append_event("A", "StockAdded", data)
    assert await InventoryAggregate(EventStore(pool), "A").get_stock("x") == 1
    assert await _rows(pool) == {"x": (1, 1)}


COLUMNS = [("uuid", "jsonb"), ("text", "text"), ("text", "json"), ("uuid", "text")]


@pytest.fixture(params=COLUMNS, ids="-".join)
async def tables_of_others(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator[asyncpg.Pool]:
    """Give a database with nothing but the two tables that everybody knows."""
    id_type, data_type = request.param
    async with asyncpg.create_pool(database_url, min_size=1, max_size=4) as pool:
        await create_tables(pool, id_type=id_type, data_type=data_type)
        yield pool


async def test_it_works_on_tables_of_others(tables_of_others: asyncpg.Pool) -> None:
    pool = tables_of_others
    await _insert(pool, ("StockAdded", "x", 5), ("StockAdded", "y", 7))
    stores = [EventStore(pool) for _ in range(2)]
    await InventoryAggregate(stores[0], "A").remove_stock("x", 1)
    await InventoryAggregate(stores[1], "A").remove_stock("y", 1)
    await stores[0].append_events("A", [("StockAdded", {"item_id": "x", "quantity": 2}), ("Noted", {"list": [1.5]})])
    for store in stores:
        assert await InventoryAggregate(store, "A").get_stock("x") == 6
        assert await InventoryAggregate(store, "A").get_stock("y") == 6
        events = await store.get_events("A")
        assert [event.version for event in events] == [1, 2, 3, 4, 5, 6]
        assert (events[0].timestamp, events[5].data) == (MOMENT, {"list": [1.5]})
        assert await store.replay_events("A", fold_stock) == {"x": 6, "y": 6}


async def test_snapshots_in_tables_of_others(tables_of_others: asyncpg.Pool) -> None:
    store = EventStore(tables_of_others)
    worker = SnapshotWorker(store, 3600, every_events=1)
    worker.register_aggregate("A")
    await worker.start()
    await InventoryAggregate(store, "A").add_stock("x", 5)
    snapshot = await snapshot_from(store, "A", 1)
    await worker.stop()
    assert (snapshot.state, snapshot.version) == ({"x": 5}, 1)
    await InventoryAggregate(store, "A").add_stock("x", 5)
    await store.create_snapshot("A", {"x": 10}, 2)
    await store.create_snapshot("A", {"x": 5}, 1)
    newest = await store.get_snapshot("A")
    assert newest is not None
    assert (newest.state, newest.version) == ({"x": 10}, 2)


@pytest.mark.parametrize("time_type", ["timestamptz", "timestamp"])
async def test_times_are_instants_in_every_zone_of_a_session(database_url: str, time_type: str) -> None:
    for zone in ("Asia/Kolkata", "America/St_Johns", "UTC"):
        settings = {"timezone": zone, "datestyle": "German"}
        async with asyncpg.create_pool(database_url, min_size=1, max_size=1, server_settings=settings) as pool:
            await pool.execute("DROP TABLE IF EXISTS events, snapshots")
            await create_tables(pool, time_type=time_type)
            store = EventStore(pool)
            events = [await store.append_event("A", "Noted", {})]
            events += await store.append_events("A", [("Noted", {}), ("StockAdded", {"item_id": "x", "quantity": 1})])
            assert await store.get_events("A") == events
            snapshot = await store.create_snapshot("A", {})
            assert await store.get_snapshot("A") == snapshot
            now = "now()" if time_type == "timestamptz" else "(now() AT TIME ZONE 'UTC')"
            for table in ("events", "snapshots"):
                seconds_ago = await pool.fetchval(f'SELECT extract(epoch FROM {now} - max("timestamp")) FROM {table}')  # noqa: S608
                assert 0 <= seconds_ago < 600


async def test_times_with_a_zone_are_read_as_naive_utc(database_url: str) -> None:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
        await pool.execute(
            "CREATE TABLE events (event_id text, aggregate_id text, event_type text, data text, "
            '"timestamp" timestamptz, version integer)'
        )
        await pool.execute(
            "INSERT INTO events VALUES ($1, 'A', 'Noted', '{}', $2, 1)", str(uuid4()), MOMENT.replace(tzinfo=UTC)
        )
        store = EventStore(pool)
        (event,) = await store.get_events("A")
        assert event.timestamp == MOMENT
        assert await store.get_snapshot("A") is None
        assert await store.replay_events("A", fold_stock) == {}
