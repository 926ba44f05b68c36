"""Handlers and pools that stop where a test wants them to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from tests.event_store.pools import YieldingConnection, YieldingPool
from worker.event_store import Event, EventStore, Snapshot


async def snapshot_from(store: EventStore, aggregate_id: str, version: int) -> Snapshot:
    """Wait until there is a snapshot of at least `version`; nobody signals that, so it is asked for."""
    while True:
        snapshot = await store.get_snapshot(aggregate_id)
        if snapshot is not None and snapshot.version >= version:
            return snapshot
        await asyncio.sleep(0)


class Gate:
    """Somewhere to wait until the test lets go, and a signal that somebody is there."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def wait(self) -> None:
        self.reached.set()
        await self.opened.wait()


class Recorder:
    """A handler that keeps what it is given, and can be made to wait at the first event."""

    def __init__(self, gate: Gate | None = None) -> None:
        self.events: list[Event] = []
        self._gate = gate
        self._more = asyncio.Condition()

    async def received(self, count: int) -> None:
        """Wait until so many events have come."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.events) >= count)

    async def handle(self, event: Event) -> None:
        if self._gate is not None:
            await self._gate.wait()
        async with self._more:
            self.events.append(event)
            self._more.notify_all()

    def versions(self, aggregate_id: str = "A") -> list[int]:
        return [event.version for event in self.events if event.aggregate_id == aggregate_id]


class GatedPool(YieldingPool):
    """A real pool that stops before statements that mention a word."""

    def __init__(self, pool: asyncpg.Pool, word: str, gate: Gate) -> None:
        super().__init__(pool, 0)
        self.word = word
        self.gate = gate

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["GatedConnection"]:
        async with self._pool.acquire() as connection:
            yield GatedConnection(self, connection)


class GatedConnection(YieldingConnection):
    _pool: GatedPool

    async def execute(self, query: str, *args: Any) -> Any:
        if self._pool.word in query:
            await self._pool.gate.wait()
        return await super().execute(query, *args)
