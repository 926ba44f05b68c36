"""An append is durable when it returns (point 2).

A failed or cancelled one is whole or nothing, and the store knows which.
"""

import asyncio
from datetime import datetime
from uuid import UUID

import asyncpg
import pytest

from tests.event_store.pools import CuttingPool, WriteOnlyPool, YieldingPool
from worker.event_store import Event, EventStore, InventoryAggregate

STOCK = {"item_id": "x", "quantity": 5}


class _Heard:
    """Keeps what a handler was given."""

    def __init__(self, store: EventStore, *event_types: str) -> None:
        self.events: list[Event] = []
        for event_type in event_types:
            store.subscribe(event_type, self.hear)

    async def hear(self, event: Event) -> None:
        self.events.append(event)


async def test_an_event_that_was_returned_is_in_the_database(pool: asyncpg.Pool, store: EventStore) -> None:
    event = await store.append_event("A", "Noted", {"deep": {"list": [1, "zwölf", None]}})
    row = await pool.fetchrow("SELECT * FROM events")
    assert (str(row["event_id"]), row["version"], row["timestamp"]) == (event.event_id, 1, event.timestamp)
    assert UUID(event.event_id).version == 4
    assert isinstance(event.timestamp, datetime)
    assert event.timestamp.tzinfo is None
    assert await store.get_events("A") == [event]


async def test_rows_reach_the_database_in_version_order_one_statement_each() -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    await asyncio.gather(*(store.append_event(f"A{n % 10}", "StockAdded", STOCK) for n in range(500)))
    assert len(pool.statements) == 500
    for number in range(10):
        assert pool.versions(f"A{number}") == list(range(1, 51))


@pytest.mark.parametrize("error", [ConnectionResetError("gone"), RuntimeError("no"), asyncpg.DiskFullError("full")])
async def test_a_failure_raises_at_the_caller_and_nothing_happened(error: Exception) -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    heard = _Heard(store, "StockAdded")
    await store.append_event("A", "StockAdded", STOCK)

    def refuse(_query: str) -> None:
        raise error

    pool.refuse = refuse
    with pytest.raises(type(error)):
        await store.append_event("A", "StockAdded", STOCK)
    pool.refuse = lambda _query: None
    await store.drain()
    assert await store.get_current_version("A") == len(await store.get_events("A")) == len(heard.events) == 1
    assert await InventoryAggregate(store, "A").get_stock("x") == 5
    assert (await store.append_event("A", "StockAdded", STOCK)).version == 2


async def test_what_the_database_refuses_changes_nothing(pool: asyncpg.Pool, store: EventStore) -> None:
    heard = _Heard(store, "StockAdded", "StockRemoved")
    await store.append_event("A", "StockAdded", STOCK)
    with pytest.raises(asyncpg.CheckViolationError):
        await store.append_event("A", "StockRemoved", {"item_id": "x", "quantity": 6})
    with pytest.raises(asyncpg.DataError):
        await store.append_event("A", "StockAdded", {"item_id": "x\0", "quantity": 6})
    with pytest.raises(TypeError):
        await store.append_event("A", "Noted", {"a": object()})
    with pytest.raises(ValueError, match="JSON"):
        await store.append_event("A", "Noted", {"a": float("nan")})
    await store.drain()
    assert await store.get_current_version("A") == len(heard.events) == 1
    assert await pool.fetchval("SELECT count(*) FROM audit_log") == 1
    assert await InventoryAggregate(store, "A").get_stock("x") == 5


@pytest.mark.parametrize(("cut", "takes_effect"), [("before", False), ("after", True)])
async def test_a_connection_lost_around_an_append_is_asked_about(
    pool: asyncpg.Pool, cut: str, *, takes_effect: bool
) -> None:
    cutting = CuttingPool(pool)
    store = EventStore(cutting)
    heard = _Heard(store, "StockAdded")
    await store.append_event("A", "StockAdded", STOCK)
    cutting.cut = cut
    if takes_effect:
        assert (await store.append_event("A", "StockAdded", STOCK)).version == 2
    else:
        with pytest.raises(ConnectionResetError):
            await store.append_event("A", "StockAdded", STOCK)
    await store.drain()
    version = 2 if takes_effect else 1
    assert await store.get_current_version("A") == len(heard.events) == version
    assert await InventoryAggregate(store, "A").get_stock("x") == 5 * version


async def test_where_the_outcome_cannot_be_learnt_the_error_says_so(pool: asyncpg.Pool) -> None:
    cutting = CuttingPool(pool)
    store = EventStore(cutting)
    await store.append_event("A", "StockAdded", STOCK)
    cutting.cut, cutting.reads_fail = "after", True
    with pytest.raises(ConnectionResetError) as failure:
        await store.append_event("A", "StockAdded", STOCK)
    assert "unknown" in failure.value.__notes__[0]
    cutting.reads_fail = False
    assert await InventoryAggregate(store, "A").get_stock("x") == 10
    assert (await store.append_event("A", "StockAdded", STOCK)).version == 3


async def _cancelled_after(turns: int, store: EventStore) -> bool:
    """Append, cancel the caller after so many turns of the loop, and return whether it had ended by itself."""
    task = asyncio.create_task(store.append_event("A", "StockAdded", STOCK))
    for _ in range(turns):
        await asyncio.sleep(0)
    if task.done():
        return True
    task.cancel()
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    return False


async def test_a_caller_cancelled_at_any_await_leaves_all_or_nothing_in_a_write_only_pool() -> None:
    pool = WriteOnlyPool()
    store = EventStore(pool)
    heard = _Heard(store, "StockAdded")
    for turns in range(40):
        await _cancelled_after(turns, store)
        arrived = pool.versions("A")
        assert arrived == list(range(1, len(arrived) + 1))
        assert await store.get_current_version("A") == len(arrived)
        await store.drain()
        assert [event.version for event in heard.events] == arrived
    assert len(arrived) > 10


async def test_a_caller_cancelled_at_any_await_leaves_all_or_nothing_in_the_database(pool: asyncpg.Pool) -> None:
    store = EventStore(YieldingPool(pool, 3))
    heard = _Heard(store, "StockAdded")
    versions = set()
    for turns in [*range(30), *range(30, 3000, 300)]:
        await _cancelled_after(turns, store)
        version = await pool.fetchval("SELECT coalesce(max(version), 0) FROM events")
        assert await InventoryAggregate(store, "A").get_stock("x") == 5 * version
        await store.drain()
        assert [event.version for event in heard.events] == list(range(1, version + 1))
        versions.add(version)
    assert len(versions) > 2


async def test_cancelled_waiters_let_the_others_through() -> None:
    store = EventStore(WriteOnlyPool())
    tasks = [asyncio.create_task(store.append_event("A", "Noted", {"n": n})) for n in range(50)]
    await asyncio.sleep(0)
    for task in tasks[1::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    appended = [outcome for outcome in outcomes if isinstance(outcome, Event)]
    assert await store.get_events("A") == appended
    assert len(appended) == 25
