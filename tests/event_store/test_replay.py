"""Replay equals the read model, from a snapshot as from zero (point 3)."""

import asyncio
import random
from typing import Any

import asyncpg
import pytest

from tests.event_store.pools import WriteOnlyPool
from worker.event_store import Event, EventStore, InventoryAggregate, ReadModelProjection, fold_stock


def count_and_sum(state: dict[str, Any], event: Event) -> dict[str, Any]:
    """Fold as a user would: change the state, and the event too, and return the state."""
    state["count"] = state.get("count", 0) + 1
    state.setdefault("quantities", []).append(event.data.pop("quantity", None))
    return state


@pytest.fixture(params=["database", "memory"])
def any_store(pool: asyncpg.Pool, request: pytest.FixtureRequest) -> EventStore:
    return EventStore(pool if request.param == "database" else WriteOnlyPool())


async def _fill(store: EventStore, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(60):
        aggregate = InventoryAggregate(store, f"A{draw.randint(1, 3)}")
        item_id, quantity = draw.choice("xyz"), draw.randint(1, 9)
        if await aggregate.get_stock(item_id) >= quantity and draw.random() < 0.5:
            await aggregate.remove_stock(item_id, quantity)
        else:
            await aggregate.add_stock(item_id, quantity)


async def test_replay_equals_every_read_model(any_store: EventStore) -> None:
    projection = ReadModelProjection()
    any_store.subscribe("StockAdded", projection.handle_event)
    any_store.subscribe("StockRemoved", projection.handle_event)
    await _fill(any_store, 1)
    await any_store.drain()
    for aggregate_id in ("A1", "A2", "A3"):
        replayed = await any_store.replay_events(aggregate_id, fold_stock)
        for item_id in "xyz":
            stock = replayed.get(item_id, 0)
            assert await InventoryAggregate(any_store, aggregate_id).get_stock(item_id) == stock
            assert projection.get_stock(aggregate_id, item_id) == stock


async def test_the_stock_rows_and_the_audit_equal_the_replay(pool: asyncpg.Pool, store: EventStore) -> None:
    await _fill(store, 2)
    for aggregate_id in await store.aggregate_ids():
        replayed = await store.replay_events(aggregate_id, fold_stock)
        rows = await pool.fetch("SELECT location, on_hand FROM stock_levels WHERE sku = $1", aggregate_id)
        audit = await pool.fetch(
            "SELECT location, sum(delta)::bigint FROM audit_log WHERE sku = $1 GROUP BY 1", aggregate_id
        )
        assert {row[0]: row[1] for row in rows} == {row[0]: row[1] for row in audit} == replayed
    assert {row[0] for row in await pool.fetch('SELECT "user" FROM audit_log')} == {"system"}


async def test_replay_from_a_snapshot_equals_replay_from_zero_at_every_version(any_store: EventStore) -> None:
    for quantity in range(1, 11):
        await any_store.append_event("A", "StockAdded", {"item_id": "x", "quantity": quantity})
    from_zero = [await any_store.replay_events_to_version("A", count_and_sum, version) for version in range(11)]
    assert from_zero[10] == await any_store.replay_events("A", count_and_sum)
    for snapshot_version in (3, 7):
        await any_store.create_snapshot("A", from_zero[snapshot_version], snapshot_version)
        again = [await any_store.replay_events_to_version("A", count_and_sum, version) for version in range(11)]
        assert again == from_zero
        snapshot = await any_store.get_snapshot("A")
        assert snapshot is not None
        assert (snapshot.state, snapshot.version) == (from_zero[snapshot_version], snapshot_version)


async def test_a_replay_begins_at_the_snapshot(store: EventStore) -> None:
    for _ in range(5):
        await store.append_event("A", "Noted", {})
    await store.create_snapshot("A", {"count": 100}, 4)
    replayed = await store.replay_events("A", count_and_sum)
    assert replayed["count"] == 101


async def test_the_stores_own_snapshot_serves_no_other_fold(any_store: EventStore) -> None:
    await any_store.append_events("A", [("StockAdded", {"item_id": "x", "quantity": 2}), ("Noted", {})])
    before = await any_store.replay_events("A", count_and_sum)
    snapshot = await any_store.create_stock_snapshot("A")
    assert snapshot is not None
    assert (snapshot.state, snapshot.version) == ({"x": 2}, 2)
    assert await any_store.replay_events("A", count_and_sum) == before
    assert await any_store.replay_events("A", fold_stock) == {"x": 2}


async def test_events_between_versions(any_store: EventStore) -> None:
    events = [await any_store.append_event("A", "Noted", {"n": n}) for n in range(6)]
    assert await any_store.get_events("A") == events
    assert await any_store.get_events("A", from_version=4) == events[4:]
    assert await any_store.get_events_snapshot_safe("A", 1, 3) == events[1:3]
    assert await any_store.get_events_snapshot_safe("A", to_version=2) == events[:2]
    assert await any_store.get_events("B") == []
    assert await any_store.replay_events("B", count_and_sum) == {}
    assert await any_store.get_snapshot("B") is None
    assert await any_store.get_current_version("B") == 0


async def test_what_users_do_to_their_events_changes_nothing(any_store: EventStore) -> None:
    data = {"list": [1]}
    event = await any_store.append_event("A", "Noted", data)
    data["list"].append(2)
    event.data["list"].append(3)
    (await any_store.get_events("A"))[0].data["list"].append(4)
    assert (await any_store.get_events("A"))[0].data == {"list": [1]}


async def test_reading_while_appending_never_shows_a_gap(store: EventStore) -> None:
    async def append() -> None:
        for n in range(100):
            await store.append_event("A", "Noted", {"n": n})

    appending = asyncio.create_task(append())
    while not appending.done():
        versions = [event.version for event in await store.get_events("A")]
        assert versions == list(range(1, len(versions) + 1))
    await appending
