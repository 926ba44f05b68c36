"""A running worker: start, go on through outages, stop when asked."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import asyncpg
import structlog

from publisher.backoff import Backoff
from publisher.broker.sender import Sender
from publisher.errors import BrokerUnavailable
from schemas.names import INGRESS_QUEUE
from schemas.partitions import partition_queue
from worker.broker.forwarder import BATCH_LIMIT_COMMANDS as FORWARD_LIMIT_COMMANDS
from worker.broker.forwarder import Forwarder
from worker.broker.outbox import BrokerOutbox
from worker.broker.session import BrokerSession
from worker.database.migrator import check_schema
from worker.database.topology import record_partition_count
from worker.event_store import PartitionStore
from worker.lane.lane import PREFETCH_COMMANDS, Lane
from worker.lane.ports import Assignment, Outbox
from worker.service.environment import SystemEnvironment
from worker.service.health import Health
from worker.service.http import serving
from worker.service.keeper import Keeper
from worker.service.metrics import LaneMetrics, Metrics
from worker.service.settings import Settings

CONNECT_BACKOFF = Backoff(first_seconds=0.2, cap_seconds=5.0)
BEAT_INTERVAL_SECONDS = 1.0
STEADY_SECONDS = 10.0
"""A session that lasted this long starts the backoff anew when it ends; one that ends at once must not spin."""

_DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


class Service:
    """One worker process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._health = Health()
        self._environment = SystemEnvironment()
        self._log = structlog.get_logger()
        self._sender = Sender(
            settings.amqp_url.get_secret_value(),
            name=f"order-worker {settings.worker_name} publishing",
            heartbeat_seconds=settings.heartbeat_seconds,
        )
        self._stores = [
            PartitionStore(settings.database_url.get_secret_value()) for _ in range(settings.partition_count)
        ]

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set; then finish what was taken, acknowledge, and return.

        Raises `SchemaError` where the database does not fit, `TopologyMismatch`
        where the broker does not, and `OSError` where the HTTP port is taken.
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
            try:
                connection = await asyncpg.connect(self._settings.database_url.get_secret_value(), timeout=10)
                try:
                    await check_schema(connection)
                    await record_partition_count(connection, self._settings.partition_count)
                finally:
                    await connection.close()
            except _DATABASE_AWAY as error:
                self._away("database", error)
                await _sleep_unless(stopping, delay_seconds)
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
                await _sleep_unless(stopping, next(delays))
                continue
            session_count += 1
            if session_count > 1:
                self._metrics.reconnects.labels("broker").inc()
            started = clock()
            await self._run_session(session, stopping)
            if clock() - started > STEADY_SECONDS:
                delays = CONNECT_BACKOFF.delays_seconds()
            await _sleep_unless(stopping, next(delays))
        await self._sender.close()
        await asyncio.gather(*(store.close() for store in self._stores))

    async def _open_session(self) -> BrokerSession:
        settings = self._settings
        return await BrokerSession.open(
            settings.amqp_url.get_secret_value(),
            name=f"order-worker {settings.worker_name} consuming",
            heartbeat_seconds=settings.heartbeat_seconds,
            partition_count=settings.partition_count,
            own_user=settings.broker_user,
        )

    async def _run_session(self, session: BrokerSession, stopping: asyncio.Event) -> None:
        observers = [LaneMetrics(self._metrics, partition) for partition in range(self._settings.partition_count)]
        keepers = [self._lane_keeper(session, observer, index) for index, observer in enumerate(observers)]
        keepers.append(self._forwarder_keeper(session))
        tasks = [asyncio.create_task(keeper.run()) for keeper in keepers]
        self._health.problem = None
        self._log.info("worker.working", worker=self._settings.worker_name, partitions=len(observers))
        try:
            await _first_of(stopping.wait(), session.lost.wait())
            self._health.problem = "stopping" if stopping.is_set() else "the broker is away"
            for keeper in keepers:
                keeper.stop()
            await self._finish(tasks)
        finally:
            for observer in observers:
                observer.released()
            await session.close()

    async def _finish(self, tasks: list["asyncio.Task[None]"]) -> None:
        done, unfinished = await asyncio.wait(tasks, timeout=self._settings.shutdown_seconds)
        if unfinished:
            # Nothing of theirs is acknowledged, so nothing is lost: it is delivered again.
            self._log.warning("worker.unfinished", lanes=len(unfinished))
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for task in done:
            task.result()

    def _lane_keeper(self, session: BrokerSession, observer: LaneMetrics, partition: int) -> Keeper:
        settings = self._settings
        outbox = self._outbox()
        return Keeper(
            session,
            partition_queue(partition),
            PREFETCH_COMMANDS,
            lambda source: Lane(
                Assignment(partition, settings.partition_count, settings.worker_name),
                source=source,
                store=self._stores[partition],
                outbox=outbox,
                environment=self._environment,
                observer=observer,
            ),
        )

    def _outbox(self) -> Outbox:
        """Return where a lane's answers go; overridden where it is tested what a death there leaves behind."""
        return BrokerOutbox(self._sender, self._settings.worker_name, self._environment.now)

    def _forwarder_keeper(self, session: BrokerSession) -> Keeper:
        settings = self._settings
        return Keeper(
            session,
            INGRESS_QUEUE,
            2 * FORWARD_LIMIT_COMMANDS,
            lambda source: Forwarder(
                source,
                self._sender,
                LaneMetrics(self._metrics, None),
                partition_count=settings.partition_count,
                own_user=settings.broker_user,
            ),
        )

    def _away(self, server: str, error: Exception) -> None:
        self._health.problem = f"the {server} is away"
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


async def _sleep_unless(stopping: asyncio.Event, delay_seconds: float) -> None:
    await _first_of(stopping.wait(), asyncio.sleep(delay_seconds))


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
