"""The stock view over edges of any kind: real ones, or twins in a test."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import Self

from publisher.backoff import Backoff
from publisher.concurrency import run_until_all_end
from publisher.errors import ClientClosed, OrderError, VersionNotSeen
from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.knowledge import StockKnowledge
from publisher.stock_view.looking import SKUS_PER_LOOK_LIMIT, Looker
from publisher.stock_view.lookup import Lookup
from publisher.stock_view.ports import AnswerFeed, Clock, StockDatabase
from publisher.stock_view.reading import StockReading
from schemas.fields import DEFAULT_LOCATION

MAX_AGE_SECONDS = 0.075
"""A commit is promised to show within 0.1 s of it: what memory cannot prove any more still has to be looked up."""

LOOK_INTERVAL_SECONDS = 0.025
"""From one beginning to the next. Three looks fit into that age: one that is late or lost costs nothing."""

ANSWERS_PER_TURN_LIMIT = 100
"""Of the loop: taking note of so many takes about 2 ms, in which no reader is served."""

SKUS_PER_TURN_LIMIT = SKUS_PER_LOOK_LIMIT
"""A list is read in portions of so many, each as fresh as `get` is, and others are served in between."""

DEFAULT_TIMEOUT_SECONDS = 30.0

_FEED_BACKOFF = Backoff()
_logger = logging.getLogger(__name__)


class CoherentStock:
    """Answers from what it knows while that is proven fresh, else from the database."""

    def __init__(
        self,
        feed: AnswerFeed,
        database: StockDatabase,
        clock: Clock,
        *,
        capacity_levels: int,
        lifetime_seconds: float,
    ) -> None:
        """Open nothing yet."""
        self._feed = feed
        self._database = database
        self._clock = clock
        self._now_seconds = clock.now_seconds
        self._counters = StockViewCounters()
        self._knowledge = StockKnowledge(
            capacity_levels=capacity_levels,
            max_age_seconds=MAX_AGE_SECONDS,
            lifetime_seconds=lifetime_seconds,
            counters=self._counters,
        )
        self._looker = Looker(
            self._knowledge,
            database,
            clock,
            self._counters,
            interval_seconds=LOOK_INTERVAL_SECONDS,
            max_age_seconds=MAX_AGE_SECONDS,
        )
        self._lookup = Lookup(
            self._knowledge, self._looker, self._counters, self._now_seconds, max_age_seconds=MAX_AGE_SECONDS
        )
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect to both, once: raises `BrokerUnavailable`, `Unroutable` or `DatabaseUnavailable` where that fails."""
        try:
            await self._feed.open()
            await self._looker.open()
        except BaseException:
            await self._close_edges()
            raise
        self._running = asyncio.create_task(run_until_all_end(self._follow_feed(), self._looker.run()))
        self._running.add_done_callback(self._on_end)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close both connections; readers that still wait raise `ClientClosed`."""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.wait([running])
        await self._close_edges()

    def peek(self, sku: str, location: str = DEFAULT_LOCATION, *, stale_ok: bool = False) -> StockReading | None:
        """Return what memory knows to be fresh, without waiting; None where it does not know.

        With `stale_ok`, what was known last is better than nothing; see `StockReading.stale`.
        """
        reading = self._knowledge.read(sku, location, self._now_seconds())
        if reading is not None:
            self._counters.hits += 1
            return reading
        self._count_miss(sku)
        return self._lookup.last_known(sku, location) if stale_ok else None

    async def get(
        self,
        sku: str,
        location: str = DEFAULT_LOCATION,
        *,
        at_least: int | None = None,
        stale_ok: bool = False,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
    ) -> StockReading:
        """Return the stock of `sku` at `location`; nothing on hand where there never was any.

        With `at_least`, the version that a command's answer named, wait until the view
        has seen that: a reader then finds its own write. Raises `VersionNotSeen` when it
        has not come within `timeout_seconds`.

        Where neither memory is proven nor the database answers, raises
        `DatabaseUnavailable`; with `stale_ok`, what was known last is returned instead,
        marked `stale`, if there is anything. Raises `InvalidInput` for what cannot be a SKU.
        """
        reading = self._knowledge.read(sku, location, self._now_seconds())
        if reading is not None:
            if at_least is None or reading.version >= at_least:
                self._counters.hits += 1
                return reading
            self._counters.misses_version += 1
        else:
            self._count_miss(sku)
        if at_least is None:
            return (await self._lookup.find([sku], location, stale_ok=stale_ok))[sku]
        try:
            async with asyncio.timeout(timeout_seconds):
                return await self._await_version(sku, location, at_least, stale_ok=stale_ok)
        except TimeoutError as error:
            raise VersionNotSeen(sku, at_least, timeout_seconds) from error

    async def get_many(
        self, skus: Iterable[str], location: str = DEFAULT_LOCATION, *, stale_ok: bool = False
    ) -> dict[str, StockReading]:
        """Return the stock of each of `skus` at `location`, in their order; all that is missing is read together.

        Each reading is as `get` gives it. They need not be of one instant: of a list of
        more than 500, each portion of so many is read when the one before it has been.
        """
        wanted = list(dict.fromkeys(skus))
        readings = dict[str, StockReading]()
        for first in range(0, len(wanted), SKUS_PER_TURN_LIMIT):
            if first > 0:
                await asyncio.sleep(0)
            readings |= await self._get_portion(
                wanted[first : first + SKUS_PER_TURN_LIMIT], location, stale_ok=stale_ok
            )
        return readings

    async def _get_portion(self, skus: list[str], location: str, *, stale_ok: bool) -> dict[str, StockReading]:
        now_seconds = self._now_seconds()
        readings = {sku: self._knowledge.read(sku, location, now_seconds) for sku in skus}
        missing = [sku for sku, reading in readings.items() if reading is None]
        self._counters.hits += len(skus) - len(missing)
        if not missing:
            return {sku: reading for sku, reading in readings.items() if reading is not None}
        for sku in missing:
            self._count_miss(sku)
        return await self._lookup.find(skus, location, stale_ok=stale_ok)

    @property
    def counters(self) -> StockViewCounters:
        """What has happened so far."""
        return replace(self._counters)

    def forget(self) -> None:
        """Drop everything in memory, as after restoring the database from a backup; reads find it again."""
        self._knowledge.forget()

    async def _await_version(self, sku: str, location: str, version: int, *, stale_ok: bool) -> StockReading:
        while True:
            reading = (await self._lookup.find([sku], location, at_least=version, stale_ok=stale_ok))[sku]
            if reading.version >= version:
                return reading
            await self._clock.wait(asyncio.Event(), LOOK_INTERVAL_SECONDS)

    def _count_miss(self, sku: str) -> None:
        name = self._knowledge.reason(sku, self._now_seconds()).value
        setattr(self._counters, name, getattr(self._counters, name) + 1)

    async def _follow_feed(self) -> None:
        delays_seconds = _FEED_BACKOFF.delays_seconds()
        while True:
            if self._counters.answers % ANSWERS_PER_TURN_LIMIT == 0:
                await asyncio.sleep(0)
            try:
                self._knowledge.see(await self._feed.__anext__())
            except OrderError as error:
                delay_seconds = next(delays_seconds)
                _logger.warning("stock view: %s; following the feed again in %.1f s", error, delay_seconds)
                await self._clock.wait(asyncio.Event(), delay_seconds)
            else:
                delays_seconds = _FEED_BACKOFF.delays_seconds()

    def _on_end(self, running: "asyncio.Task[None]") -> None:
        """Let nobody wait for a look that will not come: the view was closed, or has a bug."""
        error = None if running.cancelled() else running.exception()
        if error is not None:
            _logger.error("stock view: it has ended", exc_info=error)
        self._looker.close(error if isinstance(error, Exception) else ClientClosed())

    async def _close_edges(self) -> None:
        await self._feed.close()
        await self._database.close()
