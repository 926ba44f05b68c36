"""Reads the database for all who wait, one look at a time.

One at a time makes looks the same for everybody: of two, the later one saw all
that the earlier one saw. While one is under way, those who miss something gather
for the next, so that many misses share one query whatever their number. They go
on as soon as the one under way proves what memory holds.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

from publisher.backoff import Backoff
from publisher.errors import ClientClosed, DatabaseUnavailable
from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.knowledge import StockKnowledge
from publisher.stock_view.ports import Clock, StockDatabase
from publisher.stock_view.shared_error import SharedError
from publisher.stock_view.sku_stock import SkuStock

SKUS_PER_LOOK_LIMIT = 500
"""More take longer than 10 ms, and the next look would wait for that."""

AWAY_BACKOFF = Backoff(first_seconds=0.05, cap_seconds=0.25)
"""Between looks while the database is away, however many wait: it shall not be stormed when it comes back."""

_logger = logging.getLogger(__name__)


class Batch:
    """The SKUs of one look, and how it ended."""

    def __init__(self) -> None:
        self.skus: dict[str, None] = {}
        self.begun_seconds: float | None = None
        """None until it begins."""
        self.found: dict[str, SkuStock] = {}
        self.error: SharedError | None = None
        self.ended = asyncio.Event()
        """Not a future: whoever waits may be cancelled, and an error that nobody waits for is no mistake."""


class Looker:
    """Looks whenever somebody waits, and otherwise at a steady pace, which keeps memory proven."""

    def __init__(
        self,
        knowledge: StockKnowledge,
        database: StockDatabase,
        clock: Clock,
        counters: StockViewCounters,
        *,
        interval_seconds: float,
        max_age_seconds: float,
    ) -> None:
        """`interval_seconds` is the pace; a look that began `max_age_seconds` ago may be shared, not an older one."""
        self._knowledge = knowledge
        self._database = database
        self._clock = clock
        self._counters = counters
        self._interval_seconds = interval_seconds
        self._max_age_seconds = max_age_seconds
        self._asked = asyncio.Event()
        self._waiting: deque[Batch] = deque()
        self._waiting_for: dict[str, Batch] = {}
        """Which of those is for which SKU."""
        self._under_way: Batch | None = None
        self._delays_seconds = AWAY_BACKOFF.delays_seconds()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: SharedError | None = SharedError(ClientClosed())
        """What those who ask are told, while nobody looks."""
        self.database_is_away = False
        """Whether the last look failed."""

    def ask(self, skus: Iterable[str]) -> list[Batch]:
        """Return the looks to wait for, in the order of their ends: the last of them tell of all `skus`.

        The one under way, if there is any, is the first: it may prove what is in memory.

        Raises `ClientClosed` before `open`, what it was closed with after `close`, and
        `RuntimeError` in another event loop than that of `open`.
        """
        if self._ended is not None:
            raise self._ended.told()
        if asyncio.get_running_loop() is not self._loop:
            raise RuntimeError("a stock view serves the event loop that it was opened in; make one for each loop")
        asked_for = {self._batch_for(sku) for sku in skus}
        self._asked.set()
        ahead = [] if self._under_way is None else [self._under_way]
        return ahead + [batch for batch in self._waiting if batch in asked_for]

    def _batch_for(self, sku: str) -> Batch:
        under_way = self._under_way
        if under_way is not None and sku in under_way.skus and self._is_new(under_way):
            return under_way
        batch = self._waiting_for.get(sku)
        if batch is None:
            batch = self._waiting_for[sku] = self._batch_with_room()
            batch.skus[sku] = None
        return batch

    def _batch_with_room(self) -> Batch:
        if not self._waiting or len(self._waiting[-1].skus) >= SKUS_PER_LOOK_LIMIT:
            self._waiting.append(Batch())
        return self._waiting[-1]

    def _is_new(self, batch: Batch) -> bool:
        begun_seconds = batch.begun_seconds
        return begun_seconds is not None and self._clock.now_seconds() - begun_seconds <= self._max_age_seconds

    async def open(self) -> None:
        """Look for the first time. Raises `DatabaseUnavailable`."""
        self._loop = asyncio.get_running_loop()
        begun_seconds = self._clock.now_seconds()
        self._knowledge.adopt(await self._database.look((), {}), begun_seconds)
        self._ended = None

    async def run(self) -> None:
        """Look, for ever."""
        pause_seconds = self._interval_seconds
        while True:
            await self._clock.wait(asyncio.Event() if self.database_is_away else self._asked, pause_seconds)
            pause_seconds = await self._look()

    async def _look(self) -> float:
        """Look once, for those who wait if any do; return how long to pause unless somebody asks."""
        batch = self._next_batch()
        self._knowledge.expect(batch.skus)
        batch.begun_seconds = self._clock.now_seconds()
        self._under_way = batch
        try:
            look = await self._database.look(batch.skus, self._knowledge.late(batch.begun_seconds))
            batch.found = self._knowledge.adopt(look, batch.begun_seconds)
        except DatabaseUnavailable as error:
            batch.error = SharedError(error)
            return self._note_failure(error)
        except Exception as error:
            batch.error = SharedError(error)
            raise
        else:
            self._note_success(batch)
            # From one beginning to the next: a slow look is no reason to prove less often.
            return max(0.0, batch.begun_seconds + self._interval_seconds - self._clock.now_seconds())
        finally:
            self._knowledge.forego(batch.skus)
            self._under_way = None
            batch.ended.set()

    def _next_batch(self) -> Batch:
        batch = self._waiting.popleft() if self._waiting else Batch()
        for sku in batch.skus:
            del self._waiting_for[sku]
        if not self._waiting:
            self._asked.clear()
        return batch

    def _note_failure(self, error: DatabaseUnavailable) -> float:
        if self.database_is_away:
            # A look may take its whole timeout to fail, and those behind it as long again, one after the other.
            self._let_go(error)
        else:
            _logger.warning("stock view: %s; only readers that take stale levels get any", error)
            self._delays_seconds = AWAY_BACKOFF.delays_seconds()
        self.database_is_away = True
        self._counters.failed_looks += 1
        return next(self._delays_seconds)

    def _note_success(self, batch: Batch) -> None:
        if self.database_is_away:
            _logger.info("stock view: the database is back")
        self.database_is_away = False
        self._counters.looks += 1
        self._counters.looked_up_skus += len(batch.skus)

    def close(self, error: Exception) -> None:
        """Raise `error` to those who wait, and to those who ask from now on."""
        self._ended = SharedError(error)
        self._let_go(error)

    def _let_go(self, error: Exception) -> None:
        for batch in self._waiting:
            batch.error = SharedError(error)
            batch.ended.set()
        self._waiting.clear()
        self._waiting_for.clear()
