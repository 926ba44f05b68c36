"""A running worker: start, go on through outages, stop when asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from uuid import uuid4

import structlog

from publisher.backoff import Backoff
from publisher.broker.sender import Sender
from publisher.errors import BrokerUnavailable
from worker.broker.session import BrokerSession
from worker.expiry.going_first import GoingFirst
from worker.service.clocks import Clocks
from worker.service.consumers import Consumers
from worker.service.environment import SystemEnvironment
from worker.service.health import Health
from worker.service.http import serving
from worker.service.mending import mend_topology
from worker.service.metrics import Metrics
from worker.service.preparation import DATABASE_AWAY, prepare_database
from worker.service.settings import Settings
from worker.service.share import Member, Share
from worker.service.waiting import end, first_of, once, sleep_unless
from worker.service.wrapping import Wrapping

CONNECT_BACKOFF = Backoff(first_seconds=0.2, cap_seconds=5.0)
BEAT_INTERVAL_SECONDS = 1.0
STEADY_SECONDS = 10.0
"""A session that lasted this long starts the backoff anew when it ends; one that ends at once must not spin."""


NOTHING_BETWEEN = Wrapping()


class Service:
    """One worker process."""

    def __init__(
        self, settings: Settings, *, migrate_first: bool = False, wrapping: Wrapping = NOTHING_BETWEEN
    ) -> None:
        """Open nothing yet. `wrapping` stands between the worker and the world, for tests of what goes wrong there."""
        self._settings = settings
        self._wrapping = wrapping
        self._migrate_first = migrate_first
        self._shop = ""
        """Which database it works on; known once that is prepared."""
        self._health = Health()
        self._metrics = Metrics(self._health)
        self._environment = wrapping.environment(SystemEnvironment())
        self._log = structlog.get_logger()
        self._sender = Sender(
            settings.amqp_url.get_secret_value(),
            name=f"order-worker {settings.worker_name} publishing",
            heartbeat_seconds=settings.amqp_heartbeat_seconds,
        )
        self._going_first = GoingFirst(settings.partition_count)
        self._missing = asyncio.Event()
        """Set when something of the topology was found missing."""
        self._consumers = Consumers(
            settings,
            self._sender,
            self._metrics,
            self._environment,
            self._going_first,
            self._missing.set,
            wrapping,
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; then finish what was taken, acknowledge, and return.

        Raises `SchemaError` where the database does not fit, `TopologyMismatch`
        where the broker does not, `OtherShop` where workers of another database
        are at work on its virtual host, and `PortTaken`.
        A server that is away is waited for.
        """
        port = self._settings.http_port
        with serving(port, self._metrics.registry, self._health) if port else nullcontext():
            async with self._beating():
                await self._prepare_database(stopping)
                await self._run_sessions(stopping)
        self._log.info("worker.stopped", worker=self._settings.worker_name)

    async def _prepare_database(self, stopping: asyncio.Event) -> None:
        for delay_seconds in CONNECT_BACKOFF.delays_seconds():
            if stopping.is_set():
                return
            preparing = asyncio.create_task(prepare_database(self._settings, migrate_first=self._migrate_first))
            try:
                # A database that accepts and says nothing must not keep us from stopping.
                await first_of(stopping.wait(), asyncio.wait([preparing]))
                if preparing.done():
                    self._shop = preparing.result()
                else:
                    await end(preparing)
            except DATABASE_AWAY as error:
                self._away("database", error)
                await sleep_unless(stopping, delay_seconds)
            else:
                return

    async def _run_sessions(self, stopping: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        delays = CONNECT_BACKOFF.delays_seconds()
        session_count = 0
        while not stopping.is_set():
            try:
                session = await self._open_session()
            except BrokerUnavailable as error:
                self._away("broker", error)
                await sleep_unless(stopping, next(delays))
                continue
            session_count += 1
            if session_count > 1:
                self._metrics.reconnects.labels("broker").inc()
            started = clock()
            await self._run_session(session, stopping)
            if clock() - started > STEADY_SECONDS:
                delays = CONNECT_BACKOFF.delays_seconds()
            await sleep_unless(stopping, next(delays))
        await self._sender.close()

    async def _open_session(self) -> BrokerSession:
        settings = self._settings
        return await BrokerSession.open(
            settings.amqp_url.get_secret_value(),
            name=f"order-worker {settings.worker_name} consuming",
            heartbeat_seconds=settings.amqp_heartbeat_seconds,
            partition_count=settings.partition_count,
            own_user=settings.broker_user,
        )

    async def _run_session(self, session: BrokerSession, stopping: asyncio.Event) -> None:
        try:
            name = f"{self._settings.worker_name}.{uuid4().hex[:8]}"
            assembly = await session.assembly(self._sender, name, self._shop)
        except BrokerUnavailable as error:
            self._away("broker", error)
            await session.close()
            return
        settings = self._settings
        clocks = Clocks(
            settings,
            self._sender,
            self._consumers.outbox,
            self._metrics,
            self._environment,
            self._going_first,
            self._wrapping,
        )
        share = Share(
            assembly,
            session,
            Member(settings.worker_name, self._shop, settings.partition_count, self._environment.now()),
            clocks.database,
            keep_lane=partial(self._consumers.lane, session),
            on_change=partial(self._take_share, clocks),
        )
        keepers = [self._consumers.forwarder(session), self._consumers.collector(session)]
        tasks = {asyncio.create_task(once(share.joined, keeper.run)) for keeper in keepers}
        sharing = asyncio.create_task(share.run())
        mending = asyncio.create_task(mend_topology(session, self._missing))
        looking = asyncio.create_task(once(share.joined, clocks.run))
        self._health.broker_problem = None
        self._log.info("worker.working", worker=self._settings.worker_name)
        try:
            await first_of(stopping.wait(), session.lost.wait(), asyncio.wait([sharing]))
            self._health.broker_problem = "stopping" if stopping.is_set() else "the broker is away"
            await end(mending)
            await end(looking)
            await end(sharing)
            for keeper in keepers:
                keeper.stop()
            await self._finish(tasks | await share.leave())
        finally:
            looking.cancel()
            await clocks.close()
            await session.close()

    def _take_share(self, clocks: Clocks, partitions: frozenset[int]) -> None:
        clocks.take_share(partitions)
        self._metrics.partitions_owned.set(len(partitions))

    async def _finish(self, tasks: set["asyncio.Task[None]"]) -> None:
        done, unfinished = await asyncio.wait(tasks, timeout=self._settings.shutdown_seconds)
        if unfinished:
            # Nothing of theirs is acknowledged, so nothing is lost: it is delivered again.
            self._log.warning("worker.unfinished", lanes=len(unfinished))
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for task in done:
            if not task.cancelled() and task.exception() is not None:
                self._log.error("consumer.failed", exc_info=task.exception())

    def _away(self, server: str, error: Exception) -> None:
        self._health.broker_problem = f"the {server} is away"
        self._metrics.retries.labels("connect").inc()
        self._log.warning(f"{server}.unavailable", error=str(error) or type(error).__name__)

    @asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            task.cancel()

    async def _beat(self) -> None:
        while True:
            self._health.beat()
            await asyncio.sleep(BEAT_INTERVAL_SECONDS)
