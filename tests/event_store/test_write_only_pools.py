"""Over a pool that can only `execute`, each append and snapshot is one statement, and the store serves its own."""

import asyncpg
import pytest

from tests.event_store.pools import ExecuteOnlyPool, WriteOnlyPool
from tests.event_store.signals import Recorder, snapshot_from
from worker.event_store import (
    ConcurrencyConflictError,
    EventStore,
    InventoryAggregate,
    ReadModelProjection,
    SnapshotWorker,
    fold_stock,
)


async def test_each_append_and_snapshot_is_one_execute_of_one_statement() -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    aggregate = InventoryAggregate(store, "A")
    await aggregate.load()
    await aggregate.add_stock("x", 5)
    await aggregate.remove_stock("x", 2)
    await store.append_event("A", "Noted", {"n": 1})
    await store.append_events("A", [("Noted", {}), ("StockAdded", {"item_id": "y", "quantity": 1})])
    await store.create_snapshot("A", {"x": 3, "y": 1})
    await store.create_stock_snapshot("A")
    queries = [query for query, _ in pool.statements]
    assert ["INTO events" in query for query in queries] == [True] * 4 + [False] * 2
    assert ["INTO snapshots" in query for query in queries] == [False] * 4 + [True] * 2
    assert not any(";" in query or "--" in query for query in queries)


async def test_the_store_serves_what_it_appended() -> None:
    store, projection, seen = EventStore(WriteOnlyPool()), ReadModelProjection(), Recorder()
    await projection.rebuild(store)
    store.subscribe("Noted", seen.handle)
    aggregate = InventoryAggregate(store, "A")
    events = [await aggregate.add_stock("x", 5), await aggregate.remove_stock("x", 2)]
    events.append(await store.append_event("A", "Noted", {"n": 1}))
    snapshot = await store.create_snapshot("A", {"x": 3})
    await store.drain()
    assert await store.get_events("A") == events
    assert seen.events == events[2:]
    assert await store.get_snapshot("A") == snapshot
    assert await store.get_current_version("A") == snapshot.version == 3
    assert await aggregate.get_stock("x") == projection.get_stock("A", "x") == 3
    assert await store.replay_events("A", fold_stock) == {"x": 3}
    assert await store.aggregate_ids() == ["A"]


async def test_snapshots_by_a_worker() -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    worker = SnapshotWorker(store, 3600, every_events=2)
    worker.register_aggregate("A")
    await worker.start()
    aggregate = InventoryAggregate(store, "A")
    await aggregate.add_stock("x", 5)
    await aggregate.add_stock("x", 5)
    await snapshot_from(store, "A", 2)
    await worker.stop()
    (query, args) = pool.statements[-1]
    assert "INTO snapshots" in query
    assert args[:3] == ("A", '{"x": 10}', 2)


async def test_evicted_aggregates_come_back_from_memory() -> None:
    store = EventStore(WriteOnlyPool(), cache_limit_aggregates=1)
    for aggregate_id in "ABAB":
        await InventoryAggregate(store, aggregate_id).add_stock("x", 1)
    assert [await InventoryAggregate(store, aggregate_id).get_stock("x") for aggregate_id in "AB"] == [2, 2]


async def test_a_real_database_behind_it_gets_rows_audit_and_snapshots(pool: asyncpg.Pool) -> None:
    execute_only = ExecuteOnlyPool(pool)
    store = EventStore(execute_only)
    await InventoryAggregate(store, "A").add_stock("x", 5, user="clerk")
    await InventoryAggregate(store, "A").remove_stock("x", 2)
    await store.append_event("A", "Noted", {})
    await store.create_stock_snapshot("A")
    assert len(execute_only.queries) == 4
    real = EventStore(pool)
    assert await real.get_events("A") == await store.get_events("A")
    assert await real.get_snapshot("A") == await store.get_snapshot("A")
    audit = await pool.fetch('SELECT "user", delta, balance FROM audit_log ORDER BY version')
    assert [tuple(row) for row in audit] == [("clerk", 5, 5), ("system", -2, 3)]
    assert await pool.fetchval("SELECT on_hand FROM stock_levels") == 3


async def test_a_version_that_another_writer_took_is_a_conflict(pool: asyncpg.Pool) -> None:
    store = EventStore(ExecuteOnlyPool(pool))
    await EventStore(pool).append_event("A", "Noted", {})
    with pytest.raises(ConcurrencyConflictError, match="version 1"):
        await store.append_event("A", "Noted", {})
    assert await store.get_current_version("A") == 0
