"""The traffic of one application: readers on time, a writer, and who is asked for how often."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from itertools import accumulate
from random import Random
from uuid import UUID

from publisher import OrderClient, StockView
from schemas import Command, Purchase, Restock
from tests.bench.contenders.cache_aside import CacheAside
from tests.bench.contenders.number_rows import NumberRows
from tests.bench.workload import sku_name

SKU_COUNT = 10_000
CATALOGUE = [sku_name(number) for number in range(SKU_COUNT)]
HOT_SKU_COUNT = 100
READS_PER_SECOND = 4_500
WRITES_PER_SECOND = 500
READERS = 45
UNITS_LIMIT = 3

_NUMBERS = {sku: number for number, sku in enumerate(CATALOGUE)}


class Skew:
    """Zipf's law: the n-th SKU is asked for 1/n times as often as the first."""

    def __init__(self, random: Random, sku_count: int) -> None:
        self._random = random
        self._weights = list(accumulate(1 / number for number in range(1, sku_count + 1)))

    def draw(self) -> str:
        return sku_name(bisect_left(self._weights, self._random.random() * self._weights[-1]))


class Traffic:
    """The readers and the writer of one application."""

    def __init__(self, seed: int, seconds: float) -> None:
        self._random = Random(seed)
        self._everywhere, self._hot = Skew(self._random, SKU_COUNT), Skew(self._random, HOT_SKU_COUNT)
        self._begun = time.monotonic()
        self._seconds = seconds
        self._readings = NumberRows("iqdd")
        self._writes = 0

    @property
    def requests_per_second(self) -> float:
        """Reads and writes so far, over the time that they have taken."""
        return (len(self._readings) + self._writes) / self._elapsed_seconds()

    def readings(self) -> list[tuple[str, float, float, float]]:
        """Return the fields of each `Reading` so far."""
        return [(CATALOGUE[int(number)], version, asked, took) for number, version, asked, took in self._readings]

    def _elapsed_seconds(self) -> float:
        return time.monotonic() - self._begun

    async def read(self, cache: StockView | CacheAside, number: int) -> None:
        """Read at a steady pace, on time whatever the others do."""
        interval_seconds = READERS / READS_PER_SECOND
        due_seconds = interval_seconds * number / READERS
        while due_seconds < self._seconds:
            await asyncio.sleep(max(0.0, due_seconds - self._elapsed_seconds()))
            due_seconds += interval_seconds
            sku, asked, started = self._everywhere.draw(), time.time(), time.perf_counter()
            reading = await cache.get(sku)
            self._readings.append(_NUMBERS[sku], reading.version, asked, time.perf_counter() - started)

    async def write(self, client: OrderClient) -> None:
        await client.send_many(self._commands())

    async def _commands(self) -> AsyncIterator[Command]:
        """Yield writes by the same skew; in the second half, to the hottest SKUs alone."""
        while (elapsed_seconds := self._elapsed_seconds()) < self._seconds:
            while self._writes < elapsed_seconds * WRITES_PER_SECOND:
                self._writes += 1
                yield self._command((self._everywhere if elapsed_seconds < self._seconds / 2 else self._hot).draw())
            await asyncio.sleep(0.002)

    def _command(self, sku: str) -> Command:
        kind = self._random.choice((Purchase, Restock))
        command_id = UUID(int=self._random.getrandbits(128), version=4)
        return kind(command_id=command_id, sku=sku, quantity=self._random.randint(1, UNITS_LIMIT), user="bench")
