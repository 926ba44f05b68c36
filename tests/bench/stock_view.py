"""The stock view: two application processes read and write, and where a `redis-server` is installed, cache-aside."""

import asyncio
import json
import os
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from publisher import OrderClient
from publisher.concurrency import cancel_all
from schemas import Restock
from tests.bench.bench import Bench
from tests.bench.contender import WORKER
from tests.bench.contenders.reading_application import PROMISED_SECONDS, SKU_COUNT
from tests.bench.errors import ContenderFailed
from tests.bench.report import Goal, Section
from tests.bench.workload import sku_name
from tests.services.databases import fresh_database
from tests.services.ports import free_port
from worker.database.migrator import migrate

APPLICATIONS = 2
UNITS = 1_000_000
"""So much of each SKU that hardly any purchase is refused."""

P99_READ_LIMIT_MILLISECONDS = 5.0
HIT_RATIO_LEAST = 0.9
VISIBLE_LIMIT_MILLISECONDS = 100.0
PEEKS_PER_SECOND_LEAST = 300_000

Figures = dict[str, Any]


async def measure(bench: Bench) -> Section:
    """Return what the readers of both applications measured."""
    view = await _applications(bench, None)
    if shutil.which("redis-server") is None:
        return section(view, None)
    async with _redis() as redis_url:
        return section(view, await _applications(bench, redis_url))


async def _applications(bench: Bench, redis_url: str | None) -> list[Figures]:
    await bench.broker.empty()
    witnessed: dict[tuple[str, int], float] = {}
    async with fresh_database(bench.database_server_url) as url:
        await migrate(url)
        async with bench.at_work(WORKER, url), OrderClient(bench.broker.amqp_url) as client:
            async for _ in client.request_many(
                Restock(command_id=UUID(int=number), sku=sku_name(number), quantity=UNITS, user="bench")
                for number in range(SKU_COUNT)
            ):
                """The shop is filled when all are answered."""
            witness = asyncio.create_task(_witness(client, witnessed))
            arguments = [str(bench.sizes.stock_view_seconds), *([] if redis_url is None else [redis_url])]
            running = (_application(bench, url, [str(seed), *arguments]) for seed in range(APPLICATIONS))
            applications = await asyncio.gather(*running)
            if witness.done():
                witness.result()
            await cancel_all([witness])
    return [_judged(figures, witnessed) for figures in applications]


async def _witness(client: OrderClient, witnessed: dict[tuple[str, int], float]) -> None:
    """Note when each version was known outside of its worker: it was committed before that."""
    async for result in client.results():
        if result.applied and result.sku is not None and result.version is not None:
            witnessed.setdefault((result.sku, result.version), time.time())


def _judged(figures: Figures, witnessed: dict[tuple[str, int], float]) -> Figures:
    """Return `figures` with the number of readings that are proven wrong, in the place of those that may be."""
    suspects = figures.pop("suspects")
    ages = (asked - witnessed.get((sku, version + 1), asked) for sku, version, asked in suspects)
    return {**figures, "wrong_readings": sum(age_seconds > PROMISED_SECONDS for age_seconds in ages)}


async def _application(bench: Bench, database_url: str, arguments: list[str]) -> Figures:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.contenders.reading_application", *arguments),
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "ORDERS_AMQP_URL": bench.broker.amqp_url, "ORDERS_DATABASE_URL": database_url},
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise ContenderFailed(f"a reading application ended with {process.returncode}\n{errors.decode()[-2_000:]}")
    figures: Figures = json.loads(output)
    return figures


@asynccontextmanager
async def _redis() -> AsyncIterator[str]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *("redis-server", "--port", str(port), "--save", "", "--appendonly", "no"), stdout=PIPE, stderr=DEVNULL
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            if b"eady to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


def section(view: list[Figures], redis: list[Figures] | None) -> Section:
    rows = [_row(f"view, application {number}", figures) for number, figures in enumerate(view, 1)]
    rows += [_row(f"cache-aside, application {number}", figures) for number, figures in enumerate(redis or (), 1)]
    visible = [(kind, [figures["visible_milliseconds"][kind] for figures in view]) for kind in ("p50", "p99", "max")]
    rows += [(f"visible after, {kind}, ms", *(f"{value:.1f}" for value in values), "", "") for kind, values in visible]
    rows.append(("peeks/s", *(f"{figures['peeks_per_second']:,.0f}" for figures in view), "", ""))
    goals = [
        Goal("p99 read", _worst(view, "read_milliseconds", "p99"), "at most", P99_READ_LIMIT_MILLISECONDS, "ms"),
        Goal("hit ratio", min(figures["hit_ratio"] for figures in view), "at least", HIT_RATIO_LEAST, ""),
        Goal(
            "longest until visible",
            _worst(view, "visible_milliseconds", "max"),
            "at most",
            VISIBLE_LIMIT_MILLISECONDS,
            "ms",
        ),
        Goal("wrong readings", sum(figures["wrong_readings"] for figures in view), "at most", 0, ""),
        Goal("peeks", min(figures["peeks_per_second"] for figures in view), "at least", PEEKS_PER_SECOND_LEAST, "/s"),
    ]
    return Section(
        "Stock view", ("p50 ms", "p99 ms", "hits %", "wrong"), rows, goals, {"view": view, "cache_aside": redis}
    )


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    milliseconds = figures["read_milliseconds"]
    return (
        name,
        f"{milliseconds['p50']:.3f}",
        f"{milliseconds['p99']:.3f}",
        f"{figures['hit_ratio'] * 100:.2f}",
        f"{figures['wrong_readings']:,}",
    )


def _worst(view: list[Figures], kind: str, name: str) -> float:
    worst: float = max(figures[kind][name] for figures in view)
    return worst
