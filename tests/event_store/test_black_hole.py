"""A database that does not answer: who gives up is let go after a limit, and the store finds out later (point 2)."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.event_store.pools import CuttingPool, WriteOnlyPool
from tests.event_store.signals import Gate, GatedPool, Recorder
from tests.proxy import Proxy
from worker.event_store import EventStore, InventoryAggregate, KeptAggregate, NewEvent, SnapshotWorker, Upcasters
from worker.event_store.appending.doubts import Doubts
from worker.event_store.appending.plan import plan_append

SHORT_SECONDS = 0.01
ONE = {"item_id": "x", "quantity": 1}


async def _give_up(appending: asyncio.Task[object]) -> None:
    appending.cancel()
    await asyncio.wait({appending})
    assert appending.cancelled()


@pytest.fixture
async def proxy(migrated_database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.to(migrated_database_url) as proxy:
        yield proxy


@pytest.fixture
async def far_pool(proxy: Proxy, migrated_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """Give a pool behind the proxy."""
    pool = await asyncpg.create_pool(proxy.url(migrated_database_url), min_size=2, max_size=4)
    yield pool
    pool.terminate()


async def test_a_cancelled_append_and_a_stopped_worker_are_let_go(proxy: Proxy, far_pool: asyncpg.Pool) -> None:
    store = EventStore(far_pool, cancelled_wait_limit_seconds=SHORT_SECONDS)
    await store.append_event("A", "StockAdded", ONE)
    await store.append_event("B", "StockAdded", ONE)
    worker = SnapshotWorker(store, 3600, every_events=1)
    worker.register_aggregate("B")
    await worker.start()
    proxy.black_hole()
    async with asyncio.timeout(20):
        appending = asyncio.create_task(store.append_event("A", "StockAdded", ONE))
        reading = asyncio.create_task(store.get_events("A"))
        await asyncio.sleep(0)
        await _give_up(appending)
        await _give_up(reading)
        await worker.stop()
    await proxy.heal()
    event = await store.append_event("A", "StockAdded", ONE)
    assert event.version == await store.get_current_version("A")
    assert await InventoryAggregate(store, "A").get_stock("x") == event.version


@pytest.mark.parametrize("takes_effect", [True, False])
async def test_an_append_in_doubt_is_settled_when_the_aggregate_is_used_again(
    pool: asyncpg.Pool, *, takes_effect: bool
) -> None:
    gate, seen = Gate(), Recorder()
    store = EventStore(GatedPool(pool, "INTO events", gate), cancelled_wait_limit_seconds=SHORT_SECONDS)
    store.subscribe("StockAdded", seen.handle)
    appending = asyncio.create_task(store.append_event("A", "StockAdded", ONE))
    await gate.reached.wait()
    await _give_up(appending)
    assert (store.counters.appends_in_doubt, store.counters.appended_events) == (1, 0)
    if not takes_effect:
        await EventStore(pool).append_event("A", "StockAdded", {"item_id": "x", "quantity": 7})
    gate.opened.set()
    while not await pool.fetchval("SELECT count(*) FROM events"):
        pass  # the statement that was left behind is on its way
    assert await InventoryAggregate(store, "A").get_stock("x") == (1 if takes_effect else 7)
    await store.append_event("A", "StockAdded", ONE)
    await store.drain()
    assert seen.versions() == ([1, 2] if takes_effect else [2])
    assert await store.get_current_version("A") == 2


async def test_two_in_doubt_about_one_version(pool: asyncpg.Pool) -> None:
    gate, seen = Gate(), Recorder()
    store = EventStore(GatedPool(pool, "INTO events", gate), cancelled_wait_limit_seconds=SHORT_SECONDS)
    store.subscribe("Noted", seen.handle)
    for number in range(3):
        appending = asyncio.create_task(store.append_event("A", "Noted", {"n": number}))
        await gate.reached.wait()
        gate.reached.clear()
        await _give_up(appending)
    assert store.counters.appends_in_doubt == 3
    gate.opened.set()
    await store.append_events("A", [("Noted", {"n": 3}), ("Noted", {"n": 4})])
    await store.drain()
    stored = await store.get_events("A")
    assert [event.version for event in stored] == list(range(1, len(stored) + 1))
    assert [event.event_id for event in seen.events] == [event.event_id for event in stored]


@pytest.mark.parametrize("takes_effect", [True, False])
async def test_a_write_only_pool_is_waited_for_by_the_next_append(*, takes_effect: bool) -> None:
    pool, gate, seen = WriteOnlyPool(), Gate(), Recorder()
    store = EventStore(pool, cancelled_wait_limit_seconds=SHORT_SECONDS)
    store.subscribe("StockAdded", seen.handle)
    await store.append_event("A", "StockAdded", ONE)
    pool.before = gate.wait
    appending = asyncio.create_task(store.append_event("A", "StockAdded", ONE))
    await gate.reached.wait()
    await _give_up(appending)
    following = asyncio.create_task(store.append_event("A", "StockAdded", ONE))
    impatient = asyncio.create_task(store.append_event("A", "StockAdded", ONE))
    await asyncio.sleep(0)
    await _give_up(impatient)
    assert await InventoryAggregate(store, "B").get_stock("x") == 0

    def refuse_once(_query: str) -> None:
        pool.refuse = lambda _query: None
        raise OSError("gone")

    if not takes_effect:
        pool.refuse = refuse_once
    gate.opened.set()
    assert (await following).version == (3 if takes_effect else 2)
    await store.drain()
    assert seen.versions() == pool.versions("A") == ([1, 2, 3] if takes_effect else [1, 2])
    assert await InventoryAggregate(store, "A").get_stock("x") == len(seen.events)


async def test_a_lost_connection_that_nobody_could_ask_about_is_settled_later(pool: asyncpg.Pool) -> None:
    cutting, seen = CuttingPool(pool), Recorder()
    store = EventStore(cutting)
    store.subscribe("Noted", seen.handle)
    await store.append_event("A", "Noted", {})
    cutting.cut, cutting.reads_fail = "after", True
    with pytest.raises(ConnectionResetError):
        await store.append_event("A", "Noted", {})
    cutting.reads_fail = False
    await store.append_event("A", "Noted", {})
    await store.drain()
    assert seen.versions() == [1, 2, 3]


def test_doubts_are_bounded(caplog: pytest.LogCaptureFixture) -> None:
    doubts = Doubts(limit_appends=2)
    plans = [
        plan_append(name, KeptAggregate(), [NewEvent.of("Noted", {})], "system", Upcasters())
        for name in ("A", "B", "A")
    ]
    for plan in plans:
        doubts.add(plan)
    assert len(doubts) == 2
    assert "may miss events of A" in caplog.text
    assert doubts.of("A") == [plans[2]]
    assert [doubts.settle(plan) for plan in (plans[0], plans[1], plans[1])] == [False, True, False]
