"""Handlers: each in its own time, every event once, in version order (point 6)."""

import asyncio
import logging

import asyncpg
import pytest

from tests.event_store.pools import WriteOnlyPool
from tests.event_store.signals import Gate, Recorder
from worker.event_store import Event, EventStore, InventoryAggregate


@pytest.fixture(params=["database", "memory"])
def pools(pool: asyncpg.Pool, request: pytest.FixtureRequest) -> asyncpg.Pool | WriteOnlyPool:
    return pool if request.param == "database" else WriteOnlyPool()


async def test_a_slow_handler_delays_neither_appends_nor_other_handlers(store: EventStore) -> None:
    gate = Gate()
    slow, quick = Recorder(gate), Recorder()
    store.subscribe("Noted", slow.handle)
    store.subscribe("Noted", quick.handle)
    for n in range(10):
        await store.append_event("A", "Noted", {"n": n})
    await gate.reached.wait()
    await quick.received(10)
    assert slow.events == []
    assert await store.get_current_version("A") == 10
    gate.opened.set()
    await store.drain()
    assert slow.versions() == list(range(1, 11))


async def test_handlers_get_their_types_in_version_order_once() -> None:
    store, both, one = EventStore(WriteOnlyPool()), Recorder(), Recorder()
    for event_type in ("StockAdded", "StockRemoved", "StockAdded"):
        store.subscribe(event_type, both.handle)
    store.subscribe("StockRemoved", one.handle)
    aggregates = [InventoryAggregate(store, aggregate_id) for aggregate_id in "ABC"]
    await asyncio.gather(*(aggregate.add_stock("x", 5) for aggregate in aggregates for _ in range(20)))
    await asyncio.gather(*(aggregate.remove_stock("x", 5) for aggregate in aggregates for _ in range(20)))
    await store.append_event("A", "Noted", {})
    await store.drain()
    for aggregate_id in "ABC":
        assert both.versions(aggregate_id) == list(range(1, 41))
        assert one.versions(aggregate_id) == list(range(21, 41))


async def test_a_handler_that_raises_is_logged_and_counted_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    store, seen = EventStore(WriteOnlyPool()), Recorder()

    async def fail_at_even_versions(event: Event) -> None:
        if event.version % 2 == 0:
            raise asyncio.CancelledError if event.version == 4 else RuntimeError("even")
        await seen.handle(event)

    store.subscribe("Noted", fail_at_even_versions)
    with caplog.at_level(logging.ERROR, "worker.event_store.subscriptions"):
        for _ in range(6):
            await store.append_event("A", "Noted", {})
        await store.drain()
    assert seen.versions() == [1, 3, 5]
    assert store.counters.handler_failures == len(caplog.records) == 3
    assert "A version 2" in caplog.messages[0]


async def test_a_full_queue_loses_nothing_and_keeps_each_order(pools: asyncpg.Pool | WriteOnlyPool) -> None:
    gate, store = Gate(), EventStore(pools, handler_queue_limit_events=5)
    slow = Recorder(gate)
    store.subscribe("Noted", slow.handle)
    for n in range(60):
        await store.append_event("AB"[n % 2], "Noted" if n % 3 else "Ignored", {"n": n})
    assert store.counters.handler_overflows > 30
    gate.opened.set()
    await store.drain()
    for index, aggregate_id in enumerate("AB"):
        assert [event.data["n"] for event in slow.events if event.aggregate_id == aggregate_id] == [
            n for n in range(60) if n % 3 and n % 2 == index
        ]


async def test_a_handler_that_is_behind_gets_what_comes_meanwhile(pools: asyncpg.Pool | WriteOnlyPool) -> None:
    store = EventStore(pools, handler_queue_limit_events=1)
    seen = Recorder()

    async def append_more(event: Event) -> None:
        await seen.handle(event)
        if event.version <= 10:
            await store.append_event("A", "Noted", {})

    store.subscribe("Noted", append_more)
    await asyncio.gather(*(store.append_event("A", "Noted", {}) for _ in range(10)))
    await store.drain()
    assert seen.versions() == list(range(1, 21))


async def test_each_handler_has_an_event_of_its_own() -> None:
    store, seen = EventStore(WriteOnlyPool()), Recorder()

    async def vandal(event: Event) -> None:
        event.data["list"].clear()

    store.subscribe("Noted", vandal)
    store.subscribe("Noted", seen.handle)
    event = await store.append_event("A", "Noted", {"list": [1]})
    await store.drain()
    assert event.data == seen.events[0].data == {"list": [1]}


async def test_nothing_to_drain_is_drained() -> None:
    store = EventStore(WriteOnlyPool())
    store.subscribe("Noted", Recorder().handle)
    await store.drain()
