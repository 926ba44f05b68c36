"""Snapshots hold exactly their events, never go back, and stop nobody (points 3 and 5)."""

import asyncio
import logging
from typing import Any

import asyncpg
import pytest

from tests.event_store.pools import WriteOnlyPool, YieldingPool
from tests.event_store.signals import Gate, GatedPool, snapshot_from
from worker.event_store import Event, EventStore, InventoryAggregate, SnapshotWorker, fold_stock

SHORT_SECONDS = 0.001
LONG_SECONDS = 3600


def versions(state: dict[str, Any], event: Event) -> dict[str, Any]:
    state.setdefault("versions", []).append(event.version)
    return state


@pytest.mark.parametrize("write_only", [False, True])
async def test_an_older_snapshot_never_overwrites_a_newer_one(*, pool: asyncpg.Pool, write_only: bool) -> None:
    store = EventStore(WriteOnlyPool() if write_only else YieldingPool(pool, 5))
    await store.append_events("A", [("Noted", {})] * 9)
    await asyncio.gather(*(store.create_snapshot("A", {"version": version}, version) for version in (3, 9, 1, 7)))
    snapshot = await store.get_snapshot("A")
    assert snapshot is not None
    assert (snapshot.version, snapshot.state) == (9, {"version": 9})
    await store.create_snapshot("A", {"version": 8}, 8)
    again = await store.get_snapshot("A")
    assert again == snapshot


async def test_without_a_version_it_is_the_current_one(store: EventStore) -> None:
    await store.append_event("A", "Noted", {})
    await store.append_event("A", "Noted", {})
    state = await store.replay_events("A", versions)
    snapshot = await store.create_snapshot("A", state)
    assert (snapshot.aggregate_id, snapshot.version, snapshot.state) == ("A", 2, {"versions": [1, 2]})
    assert await store.get_snapshot("A") == snapshot


@pytest.mark.parametrize("write_only", [False, True])
@pytest.mark.parametrize("version", [-1, 0, 3, 2**62])
async def test_a_version_that_the_aggregate_does_not_have_is_refused(
    *, pool: asyncpg.Pool, write_only: bool, version: int
) -> None:
    store = EventStore(WriteOnlyPool() if write_only else pool)
    await store.append_events("A", [("Noted", {})] * 2)
    with pytest.raises(ValueError, match=f"A: no snapshot at version {version}.*from 1 to 2"):
        await store.create_snapshot("A", {}, version)
    assert await store.get_snapshot("A") is None
    assert store.counters.snapshots == 0


async def test_an_aggregate_without_events_has_no_snapshot(store: EventStore) -> None:
    for version in (None, 0, 1):
        with pytest.raises(ValueError, match="append an event first"):
            await store.create_snapshot("A", {}, version)


async def test_a_write_only_pool_takes_a_snapshot_of_events_it_never_saw() -> None:
    store = EventStore(WriteOnlyPool())
    assert (await store.create_snapshot("A", {"n": 1})).version == 0
    assert (await store.create_snapshot("B", {"n": 7}, 7)).version == 7
    with pytest.raises(ValueError, match="append an event first"):
        await store.create_snapshot("B", {}, 0)


async def test_a_failing_snapshot_changes_nothing() -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    await store.create_snapshot("A", {"n": 1}, 1)

    def refuse(_query: str) -> None:
        raise OSError("gone")

    pool.refuse = refuse
    with pytest.raises(OSError, match="gone"):
        await store.create_snapshot("A", {"n": 2}, 2)
    snapshot = await store.get_snapshot("A")
    assert snapshot is not None
    assert snapshot.version == 1
    assert len(pool.statements) == 1


@pytest.mark.parametrize("own_fold", [False, True])
async def test_snapshots_under_load_hold_exactly_their_events(*, pool: asyncpg.Pool, own_fold: bool) -> None:
    store = EventStore(YieldingPool(pool, 11))
    worker = SnapshotWorker(store, SHORT_SECONDS, every_events=3)
    worker.register_aggregate("A", versions if own_fold else None)
    await worker.start()
    aggregate = InventoryAggregate(store, "A")
    seen = set()
    for _ in range(15):
        await asyncio.gather(*(aggregate.add_stock(item_id, 1) for item_id in "xyz"))
        snapshot = await store.get_snapshot("A")
        if snapshot is not None:
            seen.add(snapshot.version)
            expected: dict[str, Any] = {}
            for event in await store.get_events_snapshot_safe("A", 0, snapshot.version):
                expected = (versions if own_fold else fold_stock)(expected, event)
            assert snapshot.state == expected
    await worker.stop()
    assert len(seen) > 1
    assert store.counters.snapshot_failures == 0


async def test_appends_wait_for_nothing_of_a_snapshot(pool: asyncpg.Pool) -> None:
    gate = Gate()
    store = EventStore(GatedPool(pool, "INTO snapshots", gate))
    await store.append_event("A", "Noted", {})
    saving = asyncio.create_task(store.create_snapshot("A", {}, 1))
    await gate.reached.wait()
    await store.append_event("B", "Noted", {})
    await store.append_event("A", "Noted", {})
    assert not saving.done()
    gate.opened.set()
    await saving


async def test_snapshots_by_interval(store: EventStore) -> None:
    worker = SnapshotWorker(store, SHORT_SECONDS)
    worker.register_aggregate("A")
    worker.register_aggregate("never appended to")
    await worker.start()
    await InventoryAggregate(store, "A").add_stock("x", 1)
    assert (await snapshot_from(store, "A", 1)).version == 1
    await InventoryAggregate(store, "A").add_stock("x", 1)
    assert (await snapshot_from(store, "A", 2)).version == 2
    await worker.stop()
    assert store.counters.snapshots == 2
    assert await store.get_snapshot("never appended to") is None


async def test_snapshots_by_number_of_events() -> None:
    store = EventStore(WriteOnlyPool())
    worker = SnapshotWorker(store, LONG_SECONDS, every_events=5)
    worker.register_aggregate("A")
    await worker.start()
    for _ in range(4):
        await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
        await store.append_event("not registered", "Noted", {})
    assert store.counters.snapshots == 0
    await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
    assert (await snapshot_from(store, "A", 5)).version == 5
    await worker.stop()


async def test_stopping_is_prompt_and_may_be_repeated(store: EventStore) -> None:
    worker = SnapshotWorker(store, LONG_SECONDS)
    worker.register_aggregate("A")
    await worker.stop()
    async with asyncio.timeout(5):
        for _ in range(100):
            await worker.start()
            await worker.start()
            await worker.stop()
            await worker.stop()


async def test_a_failing_snapshot_stops_neither_the_others_nor_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    for aggregate_id in "AB":
        await store.append_event(aggregate_id, "StockAdded", {"item_id": "x", "quantity": 1})
    failures = iter([OSError("gone")])

    def refuse(query: str) -> None:
        if "INTO snapshots" in query:
            for failure in failures:
                raise failure

    pool.refuse = refuse
    worker = SnapshotWorker(store, SHORT_SECONDS)
    worker.register_aggregate("A")
    worker.register_aggregate("B")
    with caplog.at_level(logging.ERROR, "worker.event_store.snapshots.snapshot_worker"):
        await worker.start()
        assert (await snapshot_from(store, "B", 1)).version == 1
        assert (await snapshot_from(store, "A", 1)).version == 1
        await worker.stop()
    assert store.counters.snapshot_failures == len(caplog.records) == 1
