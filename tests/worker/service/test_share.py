"""A share keeps a lane going for each of its partitions, whatever becomes of a lane's task."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast

from worker.ownership import Announcement, Presence
from worker.service.database_watch import DatabaseWatch
from worker.service.kept_lane import KeptLane
from worker.service.share import Member, Share


class QuietAssembly:
    """Nobody else is there."""

    worker = "alone"
    report: Any = None

    async def say(self, presence: Presence) -> None:
        """Tell nobody."""

    async def hear(self, within_seconds: float) -> list[Announcement]:
        # Shorter than asked for: nobody will say anything.
        del within_seconds
        await asyncio.sleep(0)
        return []

    async def gone(self, workers: Iterable[str]) -> set[str]:
        del workers
        return set()


class OpenSession:
    def __init__(self) -> None:
        self.lost = asyncio.Event()


class WaitingLane:
    """Works until it is stopped."""

    def __init__(self, started: "asyncio.Queue[asyncio.Task[Any]]") -> None:
        self._started = started
        self._ending = asyncio.Event()
        self.ready = asyncio.Event()
        self.ready.set()

    async def run(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._started.put_nowait(task)
        await self._ending.wait()

    def stop(self) -> None:
        self._ending.set()


@asynccontextmanager
async def _share() -> AsyncIterator[tuple[Share, "asyncio.Queue[asyncio.Task[Any]]"]]:
    """Give a share of one partition, and the tasks of its lanes as they start."""
    started: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
    share = Share(
        cast("Any", QuietAssembly()),
        cast("Any", OpenSession()),
        Member("alone", "shop", 1, datetime.now(UTC)),
        DatabaseWatch(),
        keep_lane=lambda _partition: cast("KeptLane", WaitingLane(started)),
        on_change=lambda _partitions: None,
    )
    running = asyncio.create_task(share.run())
    yield share, started
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_lane_that_somebody_cancelled_is_started_again() -> None:
    async with _share() as (share, started):
        lane = await started.get()
        lane.cancel()
        again = await started.get()
        assert lane.cancelled()
        await asyncio.gather(*await share.leave())
        assert again.done()


async def test_a_lane_that_is_cancelled_while_the_worker_leaves_stays_away() -> None:
    async with _share() as (share, started):
        lane = await started.get()
        leaving = await share.leave()
        lane.cancel()
        await asyncio.wait(leaving)
        assert started.empty()
