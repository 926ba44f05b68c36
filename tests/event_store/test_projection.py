"""The read model: whole events only, rebuilt and then followed without a gap (point 7)."""

import asyncio
import json
import random
from datetime import datetime

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.event_store.pools import YieldingPool
from worker.event_store import Event, EventStore, InventoryAggregate, ReadModelProjection, fold_stock
from worker.event_store.seen_versions import SeenVersions


def _event(version: int, event_type: str = "StockAdded", quantity: int = 1) -> Event:
    return Event(str(version), "A", event_type, {"item_id": "x", "quantity": quantity}, datetime(2026, 1, 1), version)  # noqa: DTZ001


async def test_it_counts_each_event_once_in_any_order() -> None:
    events = [_event(version, quantity=version) for version in range(1, 30)]
    events.append(_event(30, "StockRemoved", 35))
    events.append(_event(31, "Noted"))
    projection = ReadModelProjection()
    for event in random.Random(1).sample(events * 3, 93):
        await projection.handle_event(event)
    assert projection.get_stock("A", "x") == sum(range(1, 30)) - 35
    assert projection.get_stock("A", "y") == projection.get_stock("B", "x") == 0


@pytest.mark.parametrize("step", [1, 2])
async def test_it_counts_events_that_come_in_reverse(step: int) -> None:
    projection = ReadModelProjection()
    for version in range(5_000, 0, -step):
        await projection.handle_event(_event(version))
    assert projection.get_stock("A", "x") == 5_000 // step


def test_versions_that_never_come_take_little_memory() -> None:
    seen = SeenVersions(limit_gaps=10)
    assert all(seen.add(version) for version in range(2, 5_000))
    assert (seen.through, seen.gap_count) == (0, 1)
    assert all(seen.add(version) for version in range(6_000, 7_000, 2))
    assert seen.gap_count == 10
    # The lowest gaps were closed: nobody will ever know whether these were seen.
    assert not seen.add(1)


@given(some.lists(some.integers(1, 40)))
def test_the_versions_seen_are_a_set(versions: list[int]) -> None:
    seen, model = SeenVersions(), set[int]()
    for version in versions:
        assert seen.add(version) == (version not in model)
        model.add(version)
        assert seen.through == next(number for number in range(42) if number + 1 not in model)


async def test_rebuilt_while_others_append_it_has_every_event_once(pool: asyncpg.Pool) -> None:
    for seed in range(5):
        store = EventStore(YieldingPool(pool, seed))
        aggregates = [InventoryAggregate(store, f"{seed}-{number}") for number in range(4)]
        await asyncio.gather(*(aggregate.add_stock("x", 2) for aggregate in aggregates for _ in range(5)))
        projection = ReadModelProjection()
        await asyncio.gather(
            projection.rebuild(store),
            *(aggregate.add_stock("x", 3) for aggregate in aggregates for _ in range(5)),
            *(InventoryAggregate(store, f"{seed}-new").add_stock("x", 1) for _ in range(5)),
        )
        await asyncio.gather(*(aggregate.remove_stock("x", 1) for aggregate in aggregates for _ in range(5)))
        await store.drain()
        assert [projection.get_stock(f"{seed}-{number}", "x") for number in range(4)] == [20] * 4
        assert projection.get_stock(f"{seed}-new", "x") == 5


async def test_it_catches_up_on_what_another_process_appended(pool: asyncpg.Pool) -> None:
    here, there = EventStore(pool), EventStore(pool)
    projection = ReadModelProjection()
    await here.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
    await projection.rebuild(here)
    await there.append_event("A", "StockAdded", {"item_id": "x", "quantity": 10})
    await here.append_event("A", "StockAdded", {"item_id": "x", "quantity": 100})
    await here.drain()
    assert projection.get_stock("A", "x") == 111


async def test_a_rebuild_replaces_what_was_wrong(store: EventStore) -> None:
    projection = ReadModelProjection()
    await projection.handle_event(_event(1, quantity=99))
    await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
    await projection.rebuild(store)
    await projection.rebuild(store)
    await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
    await store.drain()
    assert projection.get_stock("A", "x") == 2


LANE_EVENTS = [
    ("StockAdded", {"item_id": "x", "quantity": 50}),
    ("StockAdjusted", {"item_id": "x", "difference": -3}),
    ("StockAdjusted", {"item_id": "y", "difference": 0}),
    ("StockTransferred", {"item_id": "x", "to_item_id": "y", "quantity": 7}),
    ("StockTransferred", {"item_id": "x", "to_item_id": "x", "quantity": 7}),
]
LANE_STOCK = {"x": 40, "y": 7}


async def test_what_lanes_do_is_counted_alike_by_the_library_its_snapshots_and_the_database(pool: asyncpg.Pool) -> None:
    for number, (event_type, data) in enumerate(LANE_EVENTS, 1):
        await pool.execute(
            "INSERT INTO events (aggregate_id, version, event_id, event_type, data, timestamp) "
            "VALUES ('A', $1, gen_random_uuid(), $2, $3, now() AT TIME ZONE 'UTC')",
            number,
            event_type,
            json.dumps(data),
        )
    store = EventStore(pool)
    projection = ReadModelProjection()
    await projection.rebuild(store)
    assert {item: projection.get_stock("A", item) for item in LANE_STOCK} == LANE_STOCK
    assert (await store.stock("A")).on_hand == LANE_STOCK
    assert await store.replay_events("A", fold_stock) == LANE_STOCK


async def test_a_transfer_can_be_appended_with_its_rows(pool: asyncpg.Pool, store: EventStore) -> None:
    await store.append_events("A", LANE_EVENTS[:1])
    await store.append_event("A", *LANE_EVENTS[3])
    rows = await pool.fetch("SELECT location, delta, balance FROM audit_log WHERE version = 2 ORDER BY location")
    assert [tuple(row) for row in rows] == [("x", -7, 43), ("y", 7, 7)]
    assert (await store.stock("A")).on_hand == {"x": 43, "y": 7}
