"""`python -m tests.bench.contenders.reading_application SEED SECONDS [REDIS_URL]`: half of a shop's traffic.

Reads 4,500 times and writes 500 times a second, through a stock view or, where a
Redis is named, through a cache beside the database. It prints as JSON what it
measured, and which readings may be wrong: superseded for more than 100 ms when
their reader asked, by the times at which the database began to commit.
"""

import asyncio
import json
import os
import sys
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from dataclasses import asdict
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from publisher import OrderClient, StockView
from schemas import Command, Purchase, Restock
from tests.bench.contenders.cache_aside import CacheAside
from tests.bench.samples import percentile
from tests.bench.workload import sku_name

SKU_COUNT = 10_000
HOT_SKU_COUNT = 100
CATALOGUE = [sku_name(number) for number in range(SKU_COUNT)]
READS_PER_SECOND = 4_500
WRITES_PER_SECOND = 500
READERS = 45
WARM_UP_SECONDS = 10.0
PROMISED_SECONDS = 0.1
UNITS_LIMIT = 3
PEEKS_PER_TURN = 500
"""Of the loop: an application that never lets the others run keeps its looks from ending."""

WATCHED_SKUS = 5
WATCH_INTERVAL_SECONDS = 0.001

AMQP_URL = os.environ.get("ORDERS_AMQP_URL", "")
DATABASE_URL = os.environ.get("ORDERS_DATABASE_URL", "")

Reading = tuple[str, int, float, float]
"""SKU, version, when it was asked for by the wall clock, and how long that took."""


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
        self.readings: list[Reading] = []

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
            self.readings.append((sku, reading.version, asked, time.perf_counter() - started))

    async def write(self, client: OrderClient) -> None:
        await client.send_many(self._commands())

    async def _commands(self) -> AsyncIterator[Command]:
        """Yield writes by the same skew; in the second half, to the hottest SKUs alone."""
        number = 0
        while (elapsed_seconds := self._elapsed_seconds()) < self._seconds:
            while number < elapsed_seconds * WRITES_PER_SECOND:
                number += 1
                yield self._command((self._everywhere if elapsed_seconds < self._seconds / 2 else self._hot).draw())
            await asyncio.sleep(0.002)

    def _command(self, sku: str) -> Command:
        kind = self._random.choice((Purchase, Restock))
        command_id = UUID(int=self._random.getrandbits(128), version=4)
        return kind(command_id=command_id, sku=sku, quantity=self._random.randint(1, UNITS_LIMIT), user="bench")


async def through_view(seed: int, seconds: float) -> dict[str, Any]:
    async with StockView(AMQP_URL, DATABASE_URL) as view:
        await view.get_many(CATALOGUE)  # as an application does that shall not learn of them one by one
        watch = Watch(view)
        watching = asyncio.create_task(watch.run())
        figures, readings = await _traffic(view, seed, seconds)
        watching.cancel()
        figures["counters"] = asdict(view.counters)
        committed = await _committed(DATABASE_URL)
        figures["peeks_per_second"] = await _peeks_per_second(view)
        figures["visible_milliseconds"] = _visibility(watch, committed)
    return {**figures, "suspects": _suspects(readings, committed)}


async def through_redis(seed: int, seconds: float, redis_url: str) -> dict[str, Any]:
    async with CacheAside(redis_url, DATABASE_URL) as cache:
        figures, readings = await _traffic(cache, seed, seconds)
    return {**figures, "suspects": _suspects(readings, await _committed(DATABASE_URL))}


async def _traffic(cache: StockView | CacheAside, seed: int, seconds: float) -> tuple[dict[str, Any], list[Reading]]:
    async with OrderClient(AMQP_URL, name="bench-application") as client:
        traffic, hits = Traffic(seed, seconds), HitCount(cache)
        counting = asyncio.create_task(hits.begin())
        await asyncio.gather(traffic.write(client), *(traffic.read(cache, number) for number in range(READERS)))
        await counting
    return {**_latency(traffic.readings), "hit_ratio": hits.ratio()}, traffic.readings


def main(seed: str, seconds: str, redis_url: str | None = None) -> None:
    if redis_url is None:
        figures = uvloop.run(through_view(int(seed), float(seconds)))
    else:
        figures = uvloop.run(through_redis(int(seed), float(seconds), redis_url))
    print(json.dumps(figures))


class HitCount:
    """Hits and misses since the warm-up."""

    def __init__(self, cache: StockView | CacheAside) -> None:
        self._cache = cache
        self._before = (0, 0)

    async def begin(self) -> None:
        await asyncio.sleep(WARM_UP_SECONDS)
        self._before = self._now()

    def _now(self) -> tuple[int, int]:
        counted = self._cache.counters if isinstance(self._cache, StockView) else self._cache
        return counted.hits, counted.misses

    def ratio(self) -> float:
        hits, misses = (now - before for now, before in zip(self._now(), self._before, strict=True))
        return hits / (hits + misses)


def _latency(readings: list[Reading]) -> dict[str, Any]:
    milliseconds = [elapsed_seconds * 1_000 for *_, elapsed_seconds in readings]
    return {
        "reads": len(milliseconds),
        "read_milliseconds": {f"p{percent}": percentile(milliseconds, percent) for percent in (50, 99, 99.9)},
    }


async def _peeks_per_second(view: StockView) -> float:
    """Return how many peeks that know something one process makes in a second, when it does nothing else."""
    await view.get_many(CATALOGUE)
    known, started = 0, time.perf_counter()
    while (elapsed_seconds := time.perf_counter() - started) < 3.0:
        known += sum(view.peek(sku) is not None for sku in CATALOGUE[:PEEKS_PER_TURN])
        await asyncio.sleep(0)
    return known / elapsed_seconds


class Watch:
    """When each version of the hottest SKUs was first shown."""

    def __init__(self, view: StockView) -> None:
        self._view = view
        self.shown: dict[tuple[str, int], float] = {}

    async def run(self) -> None:
        newest: dict[str, int] = {}
        while True:
            for sku in (sku_name(number) for number in range(WATCHED_SKUS)):
                reading = self._view.peek(sku)
                if reading is not None:
                    moment = time.time()
                    for version in range(newest.get(sku, reading.version) + 1, reading.version + 1):
                        self.shown[sku, version] = moment
                    newest[sku] = reading.version
            await asyncio.sleep(WATCH_INTERVAL_SECONDS)


async def _committed(database_url: str) -> dict[tuple[str, int], float]:
    """Return when each version was committed, by the database's own record of that."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch(
            "SELECT aggregate_id, version, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8 AS committed"
            " FROM events"
        )
    finally:
        await connection.close()
    return {(row["aggregate_id"], row["version"]): row["committed"] for row in rows}


def _suspects(readings: list[Reading], committed: dict[tuple[str, int], float]) -> list[tuple[str, int, float]]:
    """Return the readings that had been superseded for too long; the database's record is older than the commit."""
    return [
        (sku, version, asked)
        for sku, version, asked, _ in readings
        if asked - committed.get((sku, version + 1), asked) > PROMISED_SECONDS
    ]


def _visibility(watch: Watch, committed: dict[tuple[str, int], float]) -> dict[str, float]:
    milliseconds = [(moment - committed[version]) * 1_000 for version, moment in watch.shown.items()]
    return {f"p{percent}": percentile(milliseconds, percent) for percent in (50, 99)} | {"max": max(milliseconds)}


if __name__ == "__main__":
    main(*sys.argv[1:])
