"""`python -m tests.bench.contenders.reading_application SEED SECONDS [REDIS_URL]`: half of a shop's traffic.

Reads 4,500 times and writes 500 times a second, through a stock view or, where a
Redis is named, through a cache beside the database. It prints as JSON what its
readers were told, and when; whoever started it judges that.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import uvloop

from publisher import OrderClient, StockView
from tests.bench.contenders.cache_aside import CacheAside
from tests.bench.contenders.shop_traffic import CATALOGUE, READERS, Traffic
from tests.bench.contenders.view_watch import ViewWatch

WARM_UP_SECONDS = 10.0
PEEKS_SECONDS = 3.0
PEEKS_PER_TURN = 500
"""Of the loop: an application that never lets the others run keeps its looks from ending."""

AMQP_URL = os.environ.get("ORDERS_AMQP_URL", "")
DATABASE_URL = os.environ.get("ORDERS_DATABASE_URL", "")

Count = tuple[int, int]
"""Hits and misses so far."""


async def through_view(seed: int, seconds: float) -> dict[str, Any]:
    async with StockView(AMQP_URL, DATABASE_URL) as view:
        await view.get_many(CATALOGUE)  # as an application does that shall not learn of them one by one
        watch = ViewWatch(view)

        def count() -> Count:
            counters = view.counters
            return counters.hits - watch.hits, counters.misses - watch.misses

        watching = asyncio.create_task(watch.run())
        figures = await _traffic(view, count, seed, seconds)
        watching.cancel()
        counters = asdict(view.counters)
        peeks_per_second = await _peeks_per_second(view)
    return {**figures, "shown": watch.shown(), "counters": counters, "peeks_per_second": peeks_per_second}


async def through_redis(seed: int, seconds: float, redis_url: str) -> dict[str, Any]:
    async with CacheAside(redis_url, DATABASE_URL) as cache:
        return await _traffic(cache, lambda: (cache.hits, cache.misses), seed, seconds)


async def _traffic(
    cache: StockView | CacheAside, count: Callable[[], Count], seed: int, seconds: float
) -> dict[str, Any]:
    # As the guide advises: a full collection goes through all that was imported, for up to a tenth of a second.
    gc.collect()
    gc.freeze()
    async with OrderClient(AMQP_URL, name="bench-application") as client:
        traffic, hits = Traffic(seed, seconds), HitCount(count)
        counting = asyncio.create_task(hits.begin())
        await asyncio.gather(traffic.write(client), *(traffic.read(cache, number) for number in range(READERS)))
        requests_per_second = traffic.requests_per_second
        await counting
    return {"readings": traffic.readings(), "requests_per_second": requests_per_second, "hit_ratio": hits.ratio()}


class HitCount:
    """Hits and misses since the warm-up."""

    def __init__(self, count: Callable[[], Count]) -> None:
        self._count = count
        self._before = (0, 0)

    async def begin(self) -> None:
        await asyncio.sleep(WARM_UP_SECONDS)
        self._before = self._count()

    def ratio(self) -> float:
        hits, misses = (now - before for now, before in zip(self._count(), self._before, strict=True))
        return hits / (hits + misses)


async def _peeks_per_second(view: StockView) -> float:
    """Return how many peeks that know something one process makes in a second, when it does nothing else."""
    await view.get_many(CATALOGUE)
    known, started = 0, time.perf_counter()
    while (elapsed_seconds := time.perf_counter() - started) < PEEKS_SECONDS:
        known += sum(view.peek(sku) is not None for sku in CATALOGUE[:PEEKS_PER_TURN])
        await asyncio.sleep(0)
    return known / elapsed_seconds


def main(seed: str, seconds: str, redis_url: str | None = None) -> None:
    if redis_url is None:
        figures = uvloop.run(through_view(int(seed), float(seconds)))
    else:
        figures = uvloop.run(through_redis(int(seed), float(seconds), redis_url))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
