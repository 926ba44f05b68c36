"""Servers, proxies, three workers, publishers and consumers: all of it, started and stopped together."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.faults.cluster import settings
from tests.faults.cluster.admin import Admin
from tests.faults.cluster.process import OwnProcess
from tests.faults.cluster.seat import Seat
from tests.faults.cluster.settings import Size
from tests.faults.cluster.wires import Wires
from tests.services import ServerControl, Services, ServicesError
from tests.services.services import Server
from worker.broker.session import BrokerSession

FEED_QUEUE = "campaign.feed"
TILLS_QUEUE = "campaign.tills"
CONSUMERS = {FEED_QUEUE: "#", TILLS_QUEUE: "till-a.#"}
"""Queues and what they are bound to: everything, and one publisher's answers."""

LOAD_SETTLE_SECONDS = 60.0


class LoadDied(Exception):
    """A process of the campaign itself is broken; its verdict would be worth nothing."""


class Cluster:
    """The handles; see the docstring of each."""

    def __init__(
        self,
        services: Services,
        database_url: str,
        folder: Path,
        size: Size = settings.CAMPAIGN,
        nodes: Sequence[Server] = (),
    ) -> None:
        """`nodes` are those of the broker, where it has several. Raises `ServicesError` for servers of others."""
        if services.control is None:
            raise ServicesError("a fault campaign breaks its servers, so they must be its own: unset ORDERS_TEST_*_URL")
        self.size = size
        self.amqp_url = services.amqp_url
        self.nodes = nodes
        self.admin = Admin(database_url)
        self.control: ServerControl = services.control
        self.folder = folder
        self.disk: Path | None = None
        """Where the database's tables are, where that is a small file system of their own."""
        self.is_impatient = False
        """Whether the broker was told to give up on slow consumers."""
        self.seats: list[Seat] = []
        self.publisher_wires = self._wires(1)
        self.consumer_wires = self._wires(2)
        self._publishers: list[OwnProcess] = []
        self._consumers: list[OwnProcess] = []

    def publisher(self, number: int) -> OwnProcess:
        """Return one of the publishers."""
        return self._publishers[number % len(self._publishers)]

    @property
    def wires(self) -> list[Wires]:
        """Return all proxies, by client."""
        return [*(seat.wires for seat in self.seats), self.publisher_wires, self.consumer_wires]

    async def declare(self) -> None:
        """Declare what workers declare, so that consumers find it."""
        session = await BrokerSession.open(
            self.amqp_url,
            name="fault campaign",
            heartbeat_seconds=60,
            partition_count=self.size.partitions,
            own_user="guest",
        )
        await session.close()

    async def start(self, seed: int, mutant: str | None) -> None:
        """Start consumers, then workers, then publishers."""
        wires = self.consumer_wires
        for queue, pattern in CONSUMERS.items():
            self._consumers.append(await self._load("consumer", [queue, pattern], f"received-{queue}", wires))
        await self.open_seats(mutant)
        for name in settings.PUBLISHERS:
            arguments = [name, f"{seed} {name}"]
            self._publishers.append(await self._load("publisher", arguments, f"sent-{name}", self.publisher_wires))

    async def open_seats(self, mutant: str | None = None) -> None:
        """Start the workers alone."""
        for number in range(self.size.workers):
            own = self._wires(number)
            log = self.folder / f"worker-{number}.log"
            self.seats.append(Seat(number, self.size.partitions, own, log, mutant))
            await own.__aenter__()
            await self.seats[-1].open()

    async def finish_publishing(self) -> bool:
        """Let publishers finish what they have begun; return whether all did in time."""
        self.require_load()
        for publisher in self._publishers:
            publisher.tell("finish")
        ended = await asyncio.gather(*(each.ended_within(LOAD_SETTLE_SECONDS) for each in self._publishers))
        return all(ended)

    def require_load(self) -> None:
        """Raise `LoadDied` where a publisher or a consumer is gone: what it saw nobody can judge."""
        if not all(process.running for process in (*self._publishers, *self._consumers)):
            raise LoadDied(f"a publisher or a consumer died: see the logs in {self.folder}")

    async def stop(self) -> None:
        """Stop workers, then all others."""
        await asyncio.gather(*(seat.close() for seat in self.seats))
        for publisher in self._publishers:
            await publisher.kill()  # one that was told to finish has ended
        for consumer in self._consumers:
            consumer.signal(signal.SIGTERM)
        for consumer in self._consumers:
            if not await consumer.ended_within(LOAD_SETTLE_SECONDS / 10):
                await consumer.kill()
        for seat in self.seats:
            await seat.wires.__aexit__(None, None, None)

    def _wires(self, first: int) -> Wires:
        """Return ways that prefer one node and know all; so a broker's nodes have a client each."""
        urls = [node.url for node in self.nodes] or [self.amqp_url]
        first %= len(urls)
        return Wires([*urls[first:], *urls[:first]], self.admin.url)

    async def _load(self, module: str, arguments: list[str], file: str, wires: Wires) -> OwnProcess:
        return await OwnProcess.start(
            f"tests.faults.load.{module}",
            [*arguments, str(self.folder / f"{file}.jsonl")],
            {"ORDERS_AMQP_URL": wires.amqp_url, "ORDERS_PARTITIONS": str(self.size.partitions)},
            self.folder / f"{file}.log",
        )


@asynccontextmanager
async def open_cluster(cluster: Cluster) -> AsyncIterator[Cluster]:
    """Let what is started within the block reach the servers, and stop it at the end."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(cluster.publisher_wires)
        await stack.enter_async_context(cluster.consumer_wires)
        await cluster.declare()
        stack.push_async_callback(cluster.stop)
        yield cluster
