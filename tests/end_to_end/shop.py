"""The servers, set up for one test, and the workers it starts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from publisher import OrderClient
from schemas.names import INGRESS_QUEUE
from schemas.partitions import partition_of, partition_queue
from tests.end_to_end.publishing import Publisher, publisher
from tests.end_to_end.worker_process import WORKER_COMMAND, WorkerProcess
from worker.broker.queue_counts import count_queues
from worker.broker.session import BrokerSession
from worker.operations.rebuilding import rebuild
from worker.operations.verification import verify

PARTITION_COUNT = 4
"""Few, so that a shop opens fast; every rule is the same with more."""


QUEUE_TIMEOUT_SECONDS = 120.0
ANSWER_TIMEOUT_SECONDS = 60.0
"""A command is answered within milliseconds, and within seconds of a death; the machine may be busy."""


@dataclass(slots=True)
class LiveShop:
    """A declared topology, a migrated database, and worker processes."""

    amqp_url: str
    database_url: str
    partition_count: int = PARTITION_COUNT
    workers: list[WorkerProcess] = field(default_factory=list)

    async def start_worker(self, command: tuple[str, ...] = WORKER_COMMAND, **settings: str) -> WorkerProcess:
        """Start a worker, and return when it is at work; `amqp_url="..."` sets `ORDERS_AMQP_URL`."""
        worker = await self.launch_worker(command, **settings)
        await worker.logged("worker.working")
        return worker

    async def launch_worker(self, command: tuple[str, ...] = WORKER_COMMAND, **settings: str) -> WorkerProcess:
        """Start a worker that may not come to work."""
        all_settings = {
            "amqp_url": self.amqp_url,
            "database_url": self.database_url,
            "partitions": str(self.partition_count),
            **settings,
        }
        worker = await WorkerProcess.start(
            {f"ORDERS_{name.upper()}": value for name, value in all_settings.items()}, command
        )
        self.workers.append(worker)
        return worker

    async def start_dying_worker(self, point: str, batch: int = 1) -> WorkerProcess:
        """Start a worker that kills itself when it reaches `point` for the `batch`th time; see `dying_worker`."""
        return await self.launch_worker((sys.executable, "-m", "tests.end_to_end.dying_worker", point, str(batch)))

    def client(self, **options: Any) -> OrderClient:
        """Return a client of this shop."""
        options = {"timeout_seconds": ANSWER_TIMEOUT_SECONDS} | options
        return OrderClient(self.amqp_url, partition_count=self.partition_count, **options)

    def publisher(self) -> AbstractAsyncContextManager[Publisher]:
        """Give a publisher that sends anything."""
        return publisher(self.amqp_url, self.partition_count)

    async def rows(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """Return what the database holds."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def on_hand(self, sku: str) -> int | None:
        """Return the stock row of `sku` at `main`; None where there is none."""
        rows = await self.rows("SELECT on_hand FROM stock_levels WHERE sku = $1 AND location = 'main'", sku)
        return rows[0]["on_hand"] if rows else None

    async def levels(self, sku: str) -> dict[str, tuple[int, int]]:
        """Return what is on hand and what is reserved of `sku`, by location."""
        rows = await self.rows("SELECT location, on_hand, reserved FROM stock_levels WHERE sku = $1", sku)
        return {row["location"]: (row["on_hand"], row["reserved"]) for row in rows}

    async def waiting(self) -> int:
        """Return how many commands the broker holds that no worker has."""
        queues = [partition_queue(partition) for partition in range(self.partition_count)]
        return sum(count.ready for count in await count_queues(self.amqp_url, [*queues, INGRESS_QUEUE]))

    async def until_forgotten(self) -> None:
        """Wait until no message is noted as begun: lanes forget that after they have answered."""
        async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
            while await self.rows("SELECT FROM delivery_attempts"):
                """Asking takes as long as a pause would."""

    async def until_consumed(self, queue: str) -> None:
        """Wait until `queue` exists and a worker consumes it."""
        async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
            while not (await count_queues(self.amqp_url, [queue]))[0].consumers:
                """Asking takes as long as a pause would."""

    async def until_shared(self) -> None:
        """Wait until each partition has one consumer: a worker tells of its share before it has taken or left it."""
        queues = [partition_queue(partition) for partition in range(self.partition_count)]
        async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
            while any(count.consumers != 1 for count in await count_queues(self.amqp_url, queues)):
                """Asking takes as long as a pause would."""

    async def rebuild(self) -> None:
        """Do as `order-worker rebuild`."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await rebuild(connection)
        finally:
            await connection.close()

    async def until_settled(self) -> None:
        """Wait until nothing is held for an order: the sales of one follow its answer."""
        async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
            while await self.rows("SELECT FROM reservations WHERE status = 'held' AND reservation_id LIKE 'order:%'"):
                """Asking takes as long as a pause would."""

    @asynccontextmanager
    async def silent_lane(self, sku: str) -> AsyncIterator[None]:
        """Let the lane of `sku` commit nothing meanwhile: somebody else has locked its row."""
        connection = await asyncpg.connect(self.database_url)
        try:
            async with connection.transaction():
                partition = partition_of(sku, self.partition_count)
                await connection.execute("SELECT FROM partitions WHERE partition = $1 FOR UPDATE", partition)
                yield
        finally:
            await connection.close()

    async def differences(self) -> list[str]:
        """Return what `order-worker verify` would name."""
        found: list[str] = []
        connection = await asyncpg.connect(self.database_url)
        try:
            await verify(connection, lambda difference: found.append(f"{difference.kind}: {difference.message}"))
        finally:
            await connection.close()
        return found


@asynccontextmanager
async def live_shop(amqp_url: str, database_url: str) -> AsyncIterator[LiveShop]:
    """Give a shop without a worker; kill the workers it started, and verify all that they did."""
    session = await BrokerSession.open(
        amqp_url, name="end to end", heartbeat_seconds=60, partition_count=PARTITION_COUNT, own_user="guest"
    )
    await session.close()
    shop = LiveShop(amqp_url, database_url)
    try:
        yield shop
    finally:
        await asyncio.gather(*(worker.kill() for worker in shop.workers))
        print(*(worker.log for worker in shop.workers), sep="\n--- a worker's log ends\n")
    assert await shop.differences() == []
