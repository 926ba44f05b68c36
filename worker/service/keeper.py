"""Keeps one consumer of a queue going: a lane, the forwarder or the collector.

A source can end while the session goes on: its queue was deleted, the broker
closed the channel, another owner fenced the lane. Then a new source is opened,
and whatever was not acknowledged comes again.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import structlog

from publisher.backoff import Backoff
from publisher.errors import BrokerUnavailable
from worker.broker.errors import TopologyMismatch
from worker.broker.session import BrokerSession
from worker.broker.source import QueueSource

REOPEN_BACKOFF = Backoff(first_seconds=0.05, cap_seconds=5.0)
STEADY_SECONDS = 10.0
"""A consumer that lasted this long starts its backoff anew when it ends."""


class Consumer(Protocol):
    """What works on a source until that closes."""

    async def prepare(self) -> None:
        """Do beforehand what would make the first delivery wait; never raise for a server that is away."""

    async def run(self) -> None:
        """Work; return when the source has closed."""


class Keeper:
    """Runs consumers one after the other over new sources of one queue, within one session."""

    def __init__(
        self,
        session: BrokerSession,
        queue: str,
        prefetch_count: int,
        consumer: Callable[[QueueSource], Consumer],
        on_error: Callable[[str, Exception], None],
    ) -> None:
        """`on_error` is told what kept it from consuming."""
        self._session = session
        self._queue = queue
        self._prefetch_count = prefetch_count
        self._consumer = consumer
        self._on_error = on_error
        self.ready = asyncio.Event()
        """Set once a consumer is prepared and its queue consumed."""
        self._ending = asyncio.Event()
        self.source: QueueSource | None = None
        """The present one, if there is one."""
        self._log = structlog.get_logger().bind(queue=queue)

    async def run(self) -> None:
        """Work until `stop` is called or the session is lost."""
        clock = asyncio.get_running_loop().time
        delays = REOPEN_BACKOFF.delays_seconds()
        while not self._over:
            started = clock()
            await self._run_once()
            if clock() - started > STEADY_SECONDS:
                delays = REOPEN_BACKOFF.delays_seconds()
            if not self._over:
                await self._pause(next(delays))

    def stop(self) -> None:
        """Let the consumer finish what it has taken, then end."""
        self._ending.set()
        if self.source is not None:
            self.source.stop()

    @property
    def _over(self) -> bool:
        return self._ending.is_set() or self._session.lost.is_set()

    async def _run_once(self) -> None:
        try:
            source = self.source = await self._session.source(self._queue, self._prefetch_count)
        except BrokerUnavailable as error:
            await self._declare_again(error)
            return
        try:
            if not self._ending.is_set():
                consumer = self._consumer(source)
                await consumer.prepare()
                self.ready.set()
                await consumer.run()
                self._tell_why(source)
        except Exception as error:  # noqa: BLE001 - reported with its traceback; the consumer is started again
            # A bug must not take the other partitions with it; the messages come again.
            self._log.exception("consumer.crashed")
            self._on_error("crash", error)
        finally:
            self.source = None
            await source.close()

    def _tell_why(self, source: QueueSource) -> None:
        """Say why the source ended, where neither we nor the loss of the session ended it."""
        if source.ended_because and not self._over:
            self._log.warning("source.closed", why=source.ended_because)

    async def _declare_again(self, error: BrokerUnavailable) -> None:
        if self._over:
            return
        self._log.warning("source.unavailable", error=str(error))
        self._on_error("consume", error)
        try:
            await self._session.declare()
        except (BrokerUnavailable, TopologyMismatch) as failure:
            self._log.warning("topology.unavailable", error=str(failure))

    async def _pause(self, delay_seconds: float) -> None:
        waits = {asyncio.ensure_future(self._ending.wait()), asyncio.ensure_future(self._session.lost.wait())}
        try:
            await asyncio.wait(waits, timeout=delay_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
                with suppress(asyncio.CancelledError):
                    await wait
