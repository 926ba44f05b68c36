"""Pools as nobody should have them, but somebody has: the store works, or says what is wrong."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from tests.event_store.pools import WriteOnlyPool, YieldingConnection, YieldingPool
from tests.event_store.signals import Recorder
from worker.event_store import EventStore, InventoryAggregate, fold_stock


class _Slotted:
    """The barest connection."""

    __slots__ = ("_statements",)

    def __init__(self, statements: list[str]) -> None:
        self._statements = statements

    async def execute(self, query: str, *_args: Any) -> None:
        self._statements.append(query)


class _AsksBack(_Slotted):
    """Objects to being asked for what it does not have."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name not in {"execute", "_statements"}:
            raise NotImplementedError(name)
        return super().__getattribute__(name)


class _FetchesNothing(_Slotted):
    __slots__ = ()

    async def fetch(self, _query: str, *_args: Any) -> list[Any]:
        return []


class _FetchesNonsense(_Slotted):
    __slots__ = ()

    async def fetch(self, _query: str, *_args: Any) -> object:
        return object()


class _HasEverything(_Slotted):
    """Has whatever it is asked for, and gives itself back."""

    __slots__ = ()

    def __getattr__(self, _name: str) -> "_HasEverything":
        return self

    def __call__(self, *_args: Any) -> "_HasEverything":
        return self

    def __await__(self) -> Any:
        yield
        return self

    def __iter__(self) -> Any:
        return iter(())


class _BarePool:
    __slots__ = ("connection",)

    def __init__(self, connection: object) -> None:
        self.connection = connection

    def acquire(self) -> "_BarePool":
        return self

    async def __aenter__(self) -> object:
        return self.connection

    async def __aexit__(self, *_error: object) -> None:
        pass


CONNECTIONS: list[Callable[[list[str]], object]] = [
    _Slotted,
    _AsksBack,
    _FetchesNothing,
    _FetchesNonsense,
    _HasEverything,
]


@pytest.mark.parametrize("connection_of", CONNECTIONS)
async def test_a_connection_that_gives_no_rows_is_write_only(connection_of: Callable[[list[str]], object]) -> None:
    statements: list[str] = []
    store = EventStore(_BarePool(connection_of(statements)))
    aggregate = InventoryAggregate(store, "A")
    await asyncio.gather(*(aggregate.add_stock("x", 1) for _ in range(5)))
    await aggregate.remove_stock("x", 2)
    await store.create_snapshot("A", {"x": 3})
    assert await aggregate.get_stock("x") == 3
    assert await store.replay_events("A", fold_stock) == {"x": 3}
    assert len(statements) == 7


async def test_a_database_that_is_away_at_first_is_no_write_only_pool(pool: asyncpg.Pool) -> None:
    class Late(YieldingPool):
        refusals = 2

        @asynccontextmanager
        async def acquire(self) -> AsyncIterator[YieldingConnection]:
            self.refusals -= 1
            if self.refusals >= 0:
                raise ConnectionRefusedError("not yet")
            async with super().acquire() as connection:
                yield connection

    store = EventStore(Late(pool, 1))
    await EventStore(pool).append_event("A", "Noted", {})
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            await store.append_event("A", "Noted", {})
    assert (await store.append_event("A", "Noted", {})).version == 2


async def test_a_pool_that_swallows_errors_is_found_out() -> None:
    class Swallowing(_BarePool):
        __slots__ = ()

        async def __aexit__(self, *_error: object) -> bool:  # type: ignore[override]
            return True

    class Failing(_Slotted):
        __slots__ = ()

        async def execute(self, _query: str, *_args: Any) -> None:
            raise OSError("gone")

    store = EventStore(Swallowing(Failing([])))
    with pytest.raises(RuntimeError, match="swallowed an error"):
        await store.append_event("A", "Noted", {})
    assert await store.get_current_version("A") == 0


@pytest.mark.parametrize("takes_effect", [False, True])
async def test_a_statement_that_the_pool_itself_cancels(pool: asyncpg.Pool, *, takes_effect: bool) -> None:
    class Cancelling(YieldingPool):
        is_cancelling = False

        @asynccontextmanager
        async def acquire(self) -> AsyncIterator["CancellingConnection"]:
            async with self._pool.acquire() as connection:
                yield CancellingConnection(self, connection)

    class CancellingConnection(YieldingConnection):
        _pool: Cancelling

        async def execute(self, query: str, *args: Any) -> Any:
            if takes_effect or not self._pool.is_cancelling:
                await super().execute(query, *args)
            if self._pool.is_cancelling:
                raise asyncio.CancelledError

    cancelling, seen = Cancelling(pool, 1), Recorder()
    store = EventStore(cancelling)
    store.subscribe("Noted", seen.handle)
    await store.append_event("A", "Noted", {})
    cancelling.is_cancelling = True
    with pytest.raises(asyncio.CancelledError):
        await store.append_event("A", "Noted", {})
    cancelling.is_cancelling = False
    await store.append_event("A", "Noted", {})
    await store.drain()
    assert seen.versions() == list(range(1, 4 if takes_effect else 3))
    assert [event.event_id for event in await store.get_events("A")] == [event.event_id for event in seen.events]


class _MoodyPool(WriteOnlyPool):
    """Yields, fails and cancels as the seed will have it."""

    def __init__(self, seed: int) -> None:
        super().__init__(before=self.turn, after=self.turn, refuse=self.fail)
        self.draw = random.Random(seed)

    async def turn(self) -> None:
        for _ in range(self.draw.randint(0, 3)):
            await asyncio.sleep(0)

    def fail(self, _query: str) -> None:
        fate = self.draw.random()
        if fate < 0.1:
            raise OSError("gone")
        if fate < 0.2:
            raise asyncio.CancelledError


@pytest.mark.parametrize("seed", range(20))
async def test_failures_and_cancellations_at_random_leave_all_or_nothing(seed: int) -> None:
    pool, seen = _MoodyPool(seed), Recorder()
    store = EventStore(pool, handler_queue_limit_events=3)
    for event_type in ("StockAdded", "StockRemoved"):
        store.subscribe(event_type, seen.handle)
    aggregates = {name: InventoryAggregate(store, name) for name in "ABC"}
    tasks = [
        asyncio.create_task(pool.draw.choice([each.add_stock, each.remove_stock])("x", pool.draw.randint(1, 5)))
        for each in pool.draw.choices(list(aggregates.values()), k=150)
    ]
    for task in pool.draw.choices(tasks, k=40):
        await pool.turn()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.drain()
    for name, aggregate in aggregates.items():
        versions = pool.versions(name)
        assert versions == list(range(1, len(versions) + 1)) == seen.versions(name)
        assert await aggregate.get_stock("x") == (await store.replay_events(name, fold_stock)).get("x", 0) >= 0
        assert len(await store.get_events(name)) == len(versions)
