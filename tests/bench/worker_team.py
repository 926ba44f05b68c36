"""Several workers that share the partitions, and who of them goes next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.end_to_end.worker_process import WorkerProcess
from worker.database.migrator import migrate


class WorkerTeam:
    """Worker processes with default settings, the eldest first."""

    def __init__(self, amqp_url: str, database_url: str) -> None:
        self._settings = {"ORDERS_AMQP_URL": amqp_url, "ORDERS_DATABASE_URL": database_url}
        self._workers: list[WorkerProcess] = []
        self._hung: list[WorkerProcess] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, count: int, amqp_url: str, database_url: str) -> "AsyncIterator[WorkerTeam]":
        """Let `count` workers work on a new database for the length of the block."""
        await migrate(database_url)
        team = cls(amqp_url, database_url)
        try:
            for _ in range(count):
                await team.start()
            await team.agreed()
            yield team
        finally:
            await asyncio.gather(*(worker.kill() for worker in (*team._workers, *team._hung)))

    async def start(self) -> None:
        """Launch one more."""
        self._workers.append(await WorkerProcess.start(self._settings))

    async def agreed(self) -> None:
        """Wait until each has a share that counts as many workers as there are."""
        for worker in self._workers:
            await worker.latest("share.changed", workers=len(self._workers))

    async def stop(self) -> None:
        """Ask the eldest to stop, and wait until it is gone."""
        await self._workers.pop(0).terminate()

    async def kill(self) -> list[int]:
        """Kill the eldest; return which partitions it had."""
        partitions = await self._partitions()
        await self._workers.pop(0).kill()
        return partitions

    async def pause(self) -> list[int]:
        """Stop the eldest in its tracks; return which partitions it had."""
        partitions = await self._partitions()
        self._hung.append(self._workers.pop(0))
        self._hung[-1].pause()
        return partitions

    async def _partitions(self) -> list[int]:
        record = await self._workers[0].latest("share.changed", workers=len(self._workers))
        partitions: list[int] = record["partitions"]
        return partitions
