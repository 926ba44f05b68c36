"""What every part of the benchmark works with, and the run they all make: a backlog, answered by one contender."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from publisher.broker.messages import OutgoingMessage
from tests.bench.bench_broker import BenchBroker
from tests.bench.contender import Contender, RunningContender, running
from tests.bench.errors import ContenderFailed
from tests.bench.samples import Sample
from tests.bench.sizes import Sizes
from tests.services.databases import fresh_database

LOOK_INTERVAL_SECONDS = 0.025
"""Often enough to place the end of a run within 2 % of 2 seconds, seldom enough to cost nothing."""

SILENCE_TIMEOUT_SECONDS = 60.0
"""The longest time without a new answer."""

SETTLE_SECONDS = 1.0
"""Between filling and measuring: the broker writes what it has just confirmed to its segments."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The servers and the sizes of one run of the benchmark."""

    broker: BenchBroker
    database_server_url: str
    sizes: Sizes
    folder: Path
    """For logs and reports; removed afterwards."""

    async def answer_backlog(
        self, contender: Contender, commands: Iterable[OutgoingMessage], count: int, database_url: str | None = None
    ) -> list[Sample]:
        """Let `contender` answer `commands`, `count` of them, and return what was seen of it.

        It works on a new database unless `database_url` names one.
        """
        await self.broker.preload(commands)
        await asyncio.sleep(SETTLE_SECONDS)
        async with self.at_work(contender, database_url) as run:
            return await _watch(self.broker, run, count)

    @asynccontextmanager
    async def at_work(self, contender: Contender, database_url: str | None = None) -> AsyncIterator[RunningContender]:
        """Run `contender` for the length of the block, on a new database unless one is named."""
        log = self.folder / f"{contender.name}.log"
        if database_url is not None:
            async with running(contender, self.broker.amqp_url, database_url, log) as run:
                yield run
            return
        async with fresh_database(self.database_server_url) as url, self.at_work(contender, url) as run:
            yield run


async def _watch(broker: BenchBroker, run: RunningContender, count: int) -> list[Sample]:
    samples: list[Sample] = []
    newest, newest_seconds = 0, time.monotonic()
    while newest < count:
        answered = await broker.answered()
        now = time.monotonic()
        samples.append(Sample(now, answered, run.cpu_seconds, run.resident_bytes))
        if answered > newest:
            newest, newest_seconds = answered, now
        elif now - newest_seconds > SILENCE_TIMEOUT_SECONDS:
            raise ContenderFailed(f"{run.name} stands still at {newest} of {count} answers\n{run.log_tail}")
        await asyncio.sleep(LOOK_INTERVAL_SECONDS)
    return samples
