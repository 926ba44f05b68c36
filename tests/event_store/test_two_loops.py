"""One store, one loop after the other: what was left over in the first holds up nothing in the second."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.event_store.pools import WriteOnlyPool
from tests.event_store.signals import snapshot_from
from worker.event_store import Event, EventStore, InventoryAggregate, SnapshotWorker


def _run_and_abandon(work: Coroutine[Any, Any, None]) -> list[asyncio.Task[Any]]:
    """Run `work` in a loop that is closed without ending what it began, and return the tasks left over."""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(work)
        return list(asyncio.all_tasks(loop))
    finally:
        loop.close()


def _end(tasks: list[asyncio.Task[Any]]) -> None:
    """Close what was left over, so that nothing complains about it."""
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001
        coroutine = task.get_coro()
        assert coroutine is not None
        coroutine.close()


def test_handlers_go_on_in_the_next_loop() -> None:
    store = EventStore(WriteOnlyPool())
    versions: list[int] = []
    blocked = True

    async def handle(event: Event) -> None:
        if blocked:
            await asyncio.Event().wait()
        versions.append(event.version)

    store.subscribe("Noted", handle)

    async def append(count: int) -> None:
        for _ in range(count):
            await store.append_event("A", "Noted", {})

    async def append_and_drain() -> None:
        await append(2)
        await store.drain()

    left_over = _run_and_abandon(append(3))
    assert len(left_over) == 1
    blocked = False
    asyncio.run(append_and_drain())
    # The first event is the one that the handler had when its loop ended.
    assert versions == [2, 3, 4, 5]
    _end(left_over)


def test_what_waits_for_a_handler_is_drained_in_the_next_loop() -> None:
    store = EventStore(WriteOnlyPool(), handler_queue_limit_events=2)
    versions: list[int] = []

    async def handle(event: Event) -> None:
        await asyncio.sleep(0)
        versions.append(event.version)

    store.subscribe("Noted", handle)

    async def append() -> None:
        await asyncio.gather(*(store.append_event("A", "Noted", {}) for _ in range(6)))

    asyncio.run(append())
    asyncio.run(store.drain())
    assert versions == sorted(set(versions))
    assert versions[-1] == 6
    assert len(versions) >= 5


def test_a_lock_that_was_held_when_its_loop_ended_is_nobodys() -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)

    async def hang() -> None:
        reached, never = asyncio.Event(), asyncio.Event()

        async def before() -> None:
            reached.set()
            await never.wait()

        pool.before = before
        holder = asyncio.create_task(InventoryAggregate(store, "A").add_stock("x", 1))
        await reached.wait()
        assert not holder.done()

    left_over = _run_and_abandon(hang())
    pool.before = lambda: asyncio.sleep(0)

    async def add() -> int:
        aggregate = InventoryAggregate(store, "A")
        await asyncio.gather(*(aggregate.add_stock("x", 1) for _ in range(10)))
        return await aggregate.get_stock("x")

    assert asyncio.run(add()) == 10
    assert pool.versions("A") == list(range(1, 11))
    _end(left_over)


def test_snapshots_are_made_in_the_next_loop() -> None:
    store = EventStore(WriteOnlyPool())
    worker = SnapshotWorker(store, 3600, every_events=1)
    worker.register_aggregate("A")
    left_over = _run_and_abandon(worker.start())

    async def append_and_wait() -> int:
        await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
        await worker.start()
        await store.append_event("A", "StockAdded", {"item_id": "x", "quantity": 1})
        version = (await snapshot_from(store, "A", 2)).version
        await worker.stop()
        return version

    assert asyncio.run(append_and_wait()) == 2
    asyncio.run(worker.stop())
    _end(left_over)


def test_stopping_a_worker_of_an_ended_loop() -> None:
    worker = SnapshotWorker(EventStore(WriteOnlyPool()), 3600)
    left_over = _run_and_abandon(worker.start())
    asyncio.run(worker.stop())
    _end(left_over)
