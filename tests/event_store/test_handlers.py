"""Handlers: each in its own time, every event once, in version order (point 6)."""

import asyncio
import logging

import asyncpg
import pytest

from tests.event_store.pools import WriteOnlyPool
from tests.event_store.signals import Gate, Recorder
from tests.event_store.tables_of_others import create_tables, insert_event
from worker.event_store import Event, EventStore, InventoryAggregate
from worker.event_store.subscriptions.subscription import HandlerLimits, Subscription


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
    with caplog.at_level(logging.ERROR, "worker.event_store.subscriptions.subscription"):
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


async def test_versions_are_noted_of_so_many_aggregates_and_what_is_lost_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, gate = EventStore(WriteOnlyPool()), Gate()
    seen = Recorder(gate)
    subscription = Subscription(seen.handle, store._histories, store.counters, HandlerLimits(1, 2))  # noqa: SLF001
    subscription.event_types = frozenset({"Noted"})
    store.listen(lambda events: subscription.offer(events[0]))
    with caplog.at_level(logging.ERROR, "worker.event_store.subscriptions.subscription"):
        for _ in range(2):
            for number in range(6):
                await store.append_event(f"A{number}", "Noted", {})
    assert store.counters.handler_losses == 2 + 4
    assert len(caplog.records) == 1
    gate.opened.set()
    assert subscription.task is not None
    await subscription.task
    # The first in its hands, the second in its queue, the next two noted.
    assert [seen.versions(f"A{number}") for number in range(6)] == [[1], [1], [1, 2], [1, 2], [], []]
    await store.append_event("A5", "Noted", {})
    await seen.received(7)
    assert seen.versions("A5") == [3]


@pytest.mark.parametrize("limit_events", [1, 1_000])
async def test_a_later_type_comes_from_its_subscription_on(
    pools: asyncpg.Pool | WriteOnlyPool, limit_events: int
) -> None:
    store, gate = EventStore(pools, handler_queue_limit_events=limit_events), Gate()
    slow = Recorder(gate)
    store.subscribe("Noted", slow.handle)
    for _ in range(3):
        await store.append_event("A", "Noted", {})
    await store.append_event("A", "Priced", {})
    store.subscribe("Priced", slow.handle)
    await store.append_event("A", "Noted", {})
    await store.append_event("A", "Priced", {})
    store.subscribe("Counted", slow.handle)
    await store.append_event("A", "Counted", {})
    gate.opened.set()
    await store.drain()
    assert [(event.version, event.event_type) for event in slow.events] == [
        (1, "Noted"),
        (2, "Noted"),
        (3, "Noted"),
        (5, "Noted"),
        (6, "Priced"),
        (7, "Counted"),
    ]


async def test_a_handler_that_is_behind_passes_what_cannot_be_read(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2) as pool:
        await create_tables(pool, data_type="text")
        store, gate = EventStore(pool, handler_queue_limit_events=1), Gate()
        slow = Recorder(gate)
        store.subscribe("Noted", slow.handle)
        for _ in range(3):
            await store.append_event("A", "Noted", {})
        await insert_event(pool, 4, "Noted", "{no json")
        await store.append_event("A", "Noted", {})
        gate.opened.set()
        await store.drain()
    assert slow.versions() == [1, 2, 3, 5]
    assert "version 4" in caplog.text
