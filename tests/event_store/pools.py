"""Pools as users may have them: write-only, yielding at every call, failing."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg


@dataclass
class WriteOnlyConnection:
    """Offers `execute` and nothing else; what it is given it takes, unless `refuse` raises."""

    pool: "WriteOnlyPool"

    async def execute(self, query: str, *args: Any) -> object:
        await self.pool.before()
        self.pool.refuse(query)
        self.pool.statements.append((query, args))
        await self.pool.after()
        return object()


@dataclass
class WriteOnlyPool:
    """A pool without a database behind it."""

    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    refuse: Callable[[str], None] = lambda _query: None
    before: Callable[[], Any] = lambda: asyncio.sleep(0)
    after: Callable[[], Any] = lambda: asyncio.sleep(0)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[WriteOnlyConnection]:
        await asyncio.sleep(0)
        yield WriteOnlyConnection(self)
        await asyncio.sleep(0)

    def versions(self, aggregate_id: str) -> list[int]:
        """Return the versions in the order in which they arrived."""
        appends = [args for query, args in self.statements if "INSERT INTO events" in query]
        return [args[5] for args in appends if args[1] == aggregate_id]


class YieldingPool:
    """A real pool whose every call lets other tasks run, some number of times, drawn from a seed."""

    def __init__(self, pool: asyncpg.Pool, seed: int) -> None:
        self._pool = pool
        self._random = random.Random(seed)

    async def turn(self) -> None:
        for _ in range(self._random.randint(1, 4)):
            await asyncio.sleep(0)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["YieldingConnection"]:
        await self.turn()
        async with self._pool.acquire() as connection:
            await self.turn()
            yield YieldingConnection(self, connection)
            await self.turn()
        await self.turn()


class YieldingConnection:
    def __init__(self, pool: YieldingPool, connection: Any) -> None:
        self._pool = pool
        self._connection = connection

    async def execute(self, query: str, *args: Any) -> Any:
        await self._pool.turn()
        status = await self._connection.execute(query, *args)
        await self._pool.turn()
        return status

    async def fetch(self, query: str, *args: Any) -> Any:
        await self._pool.turn()
        rows = await self._connection.fetch(query, *args)
        await self._pool.turn()
        return rows


class ExecuteOnlyPool:
    """A real database behind a pool that can only write."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.queries: list[str] = []

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["ExecuteOnlyConnection"]:
        async with self._pool.acquire() as connection:
            yield ExecuteOnlyConnection(self, connection)


class ExecuteOnlyConnection:
    def __init__(self, pool: ExecuteOnlyPool, connection: Any) -> None:
        self._pool = pool
        self._connection = connection

    async def execute(self, query: str, *args: Any) -> Any:
        self._pool.queries.append(query)
        return await self._connection.execute(query, *args)


class CuttingPool(YieldingPool):
    """A real pool whose connection is lost around an append, before or after the server did it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool, seed=0)
        self.cut: str | None = None
        self.reads_fail = False

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["CuttingConnection"]:
        async with self._pool.acquire() as connection:
            yield CuttingConnection(self, connection)


class CuttingConnection(YieldingConnection):
    _pool: CuttingPool

    async def execute(self, query: str, *args: Any) -> Any:
        cut, self._pool.cut = self._pool.cut, None
        if cut == "before":
            raise ConnectionResetError("cut before")
        status = await super().execute(query, *args)
        if cut == "after":
            raise ConnectionResetError("cut after")
        return status

    async def fetch(self, query: str, *args: Any) -> Any:
        if self._pool.reads_fail:
            raise ConnectionRefusedError("the database is away")
        return await super().fetch(query, *args)


class CountingPool(YieldingPool):
    """A real pool that counts the rows that are read, and keeps the statements that are executed."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool, seed=0)
        self.rows = 0
        self.executed: list[str] = []

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["CountingConnection"]:
        async with self._pool.acquire() as connection:
            yield CountingConnection(self, connection)


class CountingConnection(YieldingConnection):
    _pool: CountingPool

    async def execute(self, query: str, *args: Any) -> Any:
        self._pool.executed.append(query)
        return await super().execute(query, *args)

    async def fetch(self, query: str, *args: Any) -> Any:
        rows = await super().fetch(query, *args)
        self._pool.rows += len(rows)
        return rows
