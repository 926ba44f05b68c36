"""A running worker: start, go on through outages, stop when asked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import structlog

from publisher.backoff import Backoff
from publisher.broker.sender import Sender
from publisher.errors import BrokerUnavailable
from worker.broker.outbox import BrokerOutbox
from worker.broker.session import BrokerSession
from worker.database.migrator import check_schema
from worker.database.topology import record_partition_count
from worker.lane.ports import Outbox
from worker.service.consumers import Consumers
from worker.service.environment import SystemEnvironment
from worker.service.health import Health
from worker.service.http import serving
from worker.service.metrics import Metrics
from worker.service.settings import Settings
from worker.service.share import Share

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


def _unchanged(outbox: Outbox) -> Outbox:
    return outbox


class Service:
    """One worker process."""

    def __init__(self, settings: Settings, *, outbox: Callable[[Outbox], Outbox] = _unchanged) -> None:
        """`outbox` may wrap the lanes' outbox, to test what a death there leaves behind."""
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
        self._consumers = Consumers(
            settings,
            self._sender,
            outbox(BrokerOutbox(self._sender, settings.worker_name, self._environment.now)),
            self._metrics,
            self._environment,
        )

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
        try:
            assembly = await session.assembly(self._sender, f"{self._settings.worker_name}.{uuid4().hex[:8]}")
        except BrokerUnavailable as error:
            self._away("broker", error)
            await session.close()
            return
        share = Share(
            assembly,
            session,
            self._settings.partition_count,
            lane_keeper=partial(self._consumers.lane, session),
            on_change=lambda partitions: self._metrics.partitions_owned.set(len(partitions)),
        )
        forwarder = self._consumers.forwarder(session)
        tasks = {asyncio.create_task(forwarder.run())}
        sharing = asyncio.create_task(share.run())
        self._health.problem = None
        self._log.info("worker.working", worker=self._settings.worker_name)
        try:
            await _first_of(stopping.wait(), session.lost.wait(), asyncio.wait([sharing]))
            self._health.problem = "stopping" if stopping.is_set() else "the broker is away"
            await _end(sharing)
            forwarder.stop()
            await self._finish(tasks | await share.leave())
        finally:
            await session.close()

    async def _finish(self, tasks: set["asyncio.Task[None]"]) -> None:
        done, unfinished = await asyncio.wait(tasks, timeout=self._settings.shutdown_seconds)
        if unfinished:
            # Nothing of theirs is acknowledged, so nothing is lost: it is delivered again.
            self._log.warning("worker.unfinished", lanes=len(unfinished))
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        for task in done:
            task.result()

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


async def _end(task: "asyncio.Task[None]") -> None:
    """Cancel `task` and wait for its end; raise what it failed with, if it did."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
