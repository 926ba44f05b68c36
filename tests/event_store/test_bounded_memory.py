"""Memory is bounded, and decisions cost no replay (point 9)."""

import asyncio

import asyncpg
import pytest

from tests.event_store.pools import CountingPool
from worker.event_store import EventStore, InventoryAggregate
from worker.event_store.appending.aggregate_cache import AggregateCache
from worker.event_store.appending.aggregate_locks import AggregateLocks
from worker.event_store.appending.kept_aggregate import KeptAggregate

_MANY = 1_000_000


def test_a_million_aggregates_do_not_stay() -> None:
    cache = AggregateCache(100)
    for number in range(_MANY):
        cache.put(str(number), KeptAggregate(1))
    assert len(cache) == 100


def test_the_one_unused_for_longest_goes_first() -> None:
    cache = AggregateCache(2)
    cache.put("A", KeptAggregate(1))
    cache.put("B", KeptAggregate(2))
    cache.get("A")
    cache.put("C", KeptAggregate(3))
    assert cache.get("B") is None
    assert (cache.get("A"), cache.get("C")) == (KeptAggregate(1), KeptAggregate(3))
    with pytest.raises(ValueError, match="1 or more"):
        AggregateCache(0)


async def test_locks_go_with_their_last_user() -> None:
    locks = AggregateLocks()

    async def use(aggregate_id: str) -> None:
        async with locks.hold(aggregate_id):
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(use("AB"[n % 2])) for n in range(20)]
    await asyncio.sleep(0)
    assert len(locks) == 2
    tasks[0].cancel()
    tasks[5].cancel()
    await asyncio.wait(tasks)
    assert len(locks) == 0


async def test_evicted_aggregates_are_loaded_again(pool: asyncpg.Pool) -> None:
    store = EventStore(pool, cache_limit_aggregates=2)
    aggregates = [InventoryAggregate(store, f"A{number}") for number in range(6)]
    for _ in range(3):
        await asyncio.gather(*(aggregate.add_stock("x", 2) for aggregate in aggregates))
        await asyncio.gather(*(aggregate.remove_stock("x", 1) for aggregate in aggregates))
    assert [await aggregate.get_stock("x") for aggregate in aggregates] == [3] * 6
    assert [await store.get_current_version(f"A{number}") for number in range(6)] == [6] * 6


@pytest.mark.parametrize("with_rows", [True, False])
async def test_removing_from_100_000_events_replays_none(*, pool: asyncpg.Pool, with_rows: bool) -> None:
    await pool.execute(
        """
        INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version)
        SELECT gen_random_uuid(), 'A', 'StockAdded', '{"item_id": "x", "quantity": 1}', now() AT TIME ZONE 'UTC', n
        FROM generate_series(1, 100000) AS n
        """
    )
    if with_rows:
        await pool.execute(
            "INSERT INTO stock_levels (sku, location, on_hand, version) VALUES ('A', 'x', 100000, 100000)"
        )
    counting = CountingPool(pool)
    aggregate = InventoryAggregate(EventStore(counting), "A")
    await aggregate.load()
    assert counting.rows < 10
    counting.rows = 0
    for _ in range(10):
        await aggregate.remove_stock("x", 1)
    assert counting.rows == 0
    assert await aggregate.get_stock("x") == 99_990
    assert await pool.fetchval("SELECT on_hand FROM stock_levels") == 99_990
