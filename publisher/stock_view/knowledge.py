"""Everything a view knows, and what of it may be said now.

Pure: it waits for nobody; the time is an argument, in seconds of one steady clock.

    see(answer)            the feed has shown an answer
    late(now)              what it should have shown by now
    expect(skus)           a look for these is about to begin
    adopt(look, begun)     it has found something
    forego(skus)           it has ended, well or not
    read(sku, location)    what is known, if it is fresh; `reason` says why not
"""

import itertools
from collections import OrderedDict
from collections.abc import Iterable
from enum import Enum

from publisher.stock_view.counters import StockViewCounters
from publisher.stock_view.look import Look
from publisher.stock_view.partition_progress import PartitionProgress
from publisher.stock_view.reading import StockReading
from publisher.stock_view.sku_stock import NOTHING, SkuStock
from schemas.partitions import PARTITION_COUNT_LIMIT, partition_of
from schemas.results import Result

KEPT_LIMIT_ANSWERS = 1_000
"""Of one SKU, kept while a look for it is under way. After more than these, only how far they went is known, and the
SKU is looked for again."""


class Missing(Enum):
    """Why memory cannot answer; in the names of the counters."""

    UNKNOWN = "misses_unknown"
    BEHIND = "misses_behind"
    UNPROVEN = "misses_unproven"
    EXPIRED = "misses_expired"


class _Entry:
    """A SKU's stock, and what is known about that knowledge."""

    __slots__ = ("generation", "looked_seconds", "newest_version", "progress", "stock")

    def __init__(self, stock: SkuStock, progress: PartitionProgress, looked_seconds: float) -> None:
        self.stock = stock
        self.newest_version = stock.version
        """The newest version that an answer has told of; above that of `stock`, something is missing."""
        self.progress = progress
        self.generation = progress.generation
        self.looked_seconds = looked_seconds
        """Before the look that read it began."""

    def count(self, answer: Result) -> None:
        """Note `answer`, which may be an old one, or come before its turn."""
        self.stock = self.stock.after(answer) or self.stock
        self.newest_version = max(self.newest_version, answer.version or 0)

    def keep(self, earlier: "_Entry") -> None:
        """Take over what is newer in `earlier`. Of one version, the look's: `rebuild` may have corrected it."""
        if earlier.stock.version > self.stock.version:
            self.stock = earlier.stock
        self.newest_version = max(self.newest_version, earlier.newest_version)

    @property
    def is_behind(self) -> bool:
        return self.newest_version > self.stock.version

    @property
    def as_of_seconds(self) -> float:
        """It was the newest version at this instant, or at a later one."""
        if self.generation == self.progress.generation and not self.is_behind:
            return max(self.looked_seconds, self.progress.proven_seconds)
        return self.looked_seconds


class _Expected:
    """What was known of a SKU when a look for it began, and what came since: the look may be older than that."""

    __slots__ = ("answers", "known_version", "newest_version")

    def __init__(self, known_version: int) -> None:
        self.known_version = known_version
        self.answers: list[Result] = []
        self.newest_version = 0
        """Of all that came since, in whatever order, whether or not it is among those kept."""

    def keep(self, answer: Result) -> None:
        self.newest_version = max(self.newest_version, answer.version or 0)
        if len(self.answers) < KEPT_LIMIT_ANSWERS:
            self.answers.append(answer)


class StockKnowledge:
    """What is known of SKUs, within a bounded memory."""

    def __init__(
        self, *, capacity_levels: int, max_age_seconds: float, lifetime_seconds: float, counters: StockViewCounters
    ) -> None:
        """Know nothing; `counters` is counted in."""
        self._capacity_levels = capacity_levels
        self._max_age_seconds = max_age_seconds
        self._lifetime_seconds = lifetime_seconds
        self._counters = counters
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        """Those used last are at the end."""
        self._levels_count = 0
        self._partitions = {partition: PartitionProgress() for partition in range(PARTITION_COUNT_LIMIT)}
        self._partition_count = PARTITION_COUNT_LIMIT
        self._expected: dict[str, _Expected] = {}
        """For each SKU of the look that is under way."""

    def read(self, sku: str, location: str, now_seconds: float) -> StockReading | None:
        """Return what is known, if it was true at some instant of the last `max_age_seconds`."""
        entry = self._entries.get(sku)
        if entry is None:
            return None
        stock, progress = entry.stock, entry.progress
        as_of_seconds = entry.looked_seconds
        if now_seconds - as_of_seconds > self._lifetime_seconds or entry.newest_version > stock.version:
            return None
        if entry.generation == progress.generation and progress.proven_seconds > as_of_seconds:
            as_of_seconds = progress.proven_seconds
        age_seconds = now_seconds - as_of_seconds
        if age_seconds > self._max_age_seconds:
            return None
        self._entries.move_to_end(sku)
        on_hand, reserved = stock.levels.get(location, NOTHING)
        return StockReading(sku, location, on_hand, reserved, stock.version, age_seconds, False)  # noqa: FBT003

    def reason(self, sku: str, now_seconds: float) -> Missing:
        """Return why `read` returned nothing."""
        entry = self._entries.get(sku)
        if entry is None:
            return Missing.UNKNOWN
        if entry.is_behind:
            return Missing.BEHIND
        expired = now_seconds - entry.looked_seconds > self._lifetime_seconds
        return Missing.EXPIRED if expired else Missing.UNPROVEN

    def last_known(self, sku: str) -> tuple[SkuStock, float] | None:
        """Return the stock known last, however old, and an instant at which it was true; None where there is none."""
        entry = self._entries.get(sku)
        return None if entry is None else (entry.stock, entry.as_of_seconds)

    def see(self, answer: Result) -> None:
        """Take note of an answer, new or repeated, in whatever order."""
        self._counters.answers += 1
        self._show(answer)

    def _show(self, answer: Result) -> None:
        if answer.sku is not None and answer.version is not None:
            self._count(answer.sku, answer)
        # Last: an answer counts as shown when what it changes has been changed.
        if answer.partition is not None and answer.sequence is not None:
            progress = self._partitions.get(answer.partition)
            if progress is not None:
                progress.show(answer.sequence)

    def _count(self, sku: str, answer: Result) -> None:
        entry = self._entries.get(sku)
        if entry is not None:
            before = _size(entry.stock)
            entry.count(answer)
            self._levels_count += _size(entry.stock) - before
            self._evict()
        expected = self._expected.get(sku)
        if expected is not None:
            expected.keep(answer)

    def late(self, now_seconds: float) -> dict[int, int]:
        """Return the partitions with an answer that the feed is late with, and up to which number it has shown all."""
        partitions = itertools.islice(self._partitions.items(), self._partition_count)
        return {partition: progress.shown for partition, progress in partitions if progress.is_late(now_seconds)}

    def expect(self, skus: Iterable[str]) -> None:
        """Keep the answers of `skus` from now on: a look for them is about to begin."""
        for sku in skus:
            known = self._entries.get(sku)
            self._expected[sku] = _Expected(0 if known is None else known.newest_version)

    def forego(self, skus: Iterable[str]) -> None:
        """Forget what `expect` kept: the look has ended."""
        for sku in skus:
            self._expected.pop(sku, None)

    def adopt(self, look: Look, begun_seconds: float) -> dict[str, SkuStock]:
        """Take over a look that began after `begun_seconds` and after the end of all looks before it.

        Returns the stock of each SKU that it was for, as it is known now; SKUs are
        left out for which the feed has told of something newer that is not known.
        """
        self._partition_count = len(look.heads)
        for answer in look.answers:
            self._counters.late_answers += 1
            self._show(answer)
        for head in look.heads:
            restarted = self._partitions[head.partition].look(head.epoch, head.sequence, begun_seconds)
            self._counters.restarts += restarted
        found: dict[str, SkuStock] = {}
        for sku, stock in look.stocks.items():
            entry = self._adopted(sku, stock, begun_seconds)
            if not entry.is_behind:
                found[sku] = entry.stock
        self._evict()
        return found

    def _adopted(self, sku: str, stock: SkuStock, begun_seconds: float) -> _Entry:
        entry = _Entry(stock, self._partitions[partition_of(sku, self._partition_count)], begun_seconds)
        expected = self._expected.get(sku) or _Expected(0)
        for answer in expected.answers:
            entry.count(answer)
        entry.newest_version = max(entry.newest_version, expected.newest_version)
        earlier = self._entries.pop(sku, None)
        if earlier is not None:
            self._levels_count -= _size(earlier.stock)
            # A look that began later and found less: the database was restored, and what was known is no more.
            if stock.version >= expected.known_version:
                entry.keep(earlier)
        self._entries[sku] = entry
        self._levels_count += _size(entry.stock)
        return entry

    def _evict(self) -> None:
        while self._levels_count > self._capacity_levels and self._entries:
            _, dropped = self._entries.popitem(last=False)
            self._levels_count -= _size(dropped.stock)
            self._counters.evictions += 1

    def forget(self) -> None:
        """Drop every entry."""
        self._entries.clear()
        self._levels_count = 0


def _size(stock: SkuStock) -> int:
    """Return how many levels `stock` takes the room of."""
    return len(stock.levels) or 1
