"""The stock view: two application processes read and write, and where a `redis-server` is installed, cache-aside."""

import asyncio
import json
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from publisher import OrderClient
from publisher.concurrency import cancel_all
from schemas import Restock
from tests.bench.bench import Bench
from tests.bench.commit_watch import CommitWatch
from tests.bench.contender import WORKER
from tests.bench.contenders.shop_traffic import CATALOGUE
from tests.bench.errors import ContenderFailed
from tests.bench.report import Goal, Section
from tests.bench.samples import percentile
from tests.bench.visibility import (
    PROMISED_SECONDS,
    Commit,
    Reading,
    Shown,
    SkuVersion,
    begun_milliseconds,
    commits,
    doubtful_readings,
    visible_milliseconds,
    wrong_readings,
)
from tests.services.databases import fresh_database
from tests.services.ports import free_port
from worker.database.migrator import migrate

APPLICATIONS = 2
UNITS = 1_000_000
"""So much of each SKU that hardly any purchase is refused."""

REQUESTS_PER_SECOND_LEAST = 9_900
"""Of 10,000: the last reads end a moment after the last second."""

P99_READ_LIMIT_MILLISECONDS = 5.0
HIT_RATIO_LEAST = 0.9
VISIBLE_LIMIT_MILLISECONDS = PROMISED_SECONDS * 1_000
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
    watch = CommitWatch()
    async with fresh_database(bench.database_server_url) as url:
        await migrate(url)
        async with bench.at_work(WORKER, url):
            await _fill(bench.broker.amqp_url)
            watching = asyncio.create_task(watch.run(url))
            arguments = [str(bench.sizes.stock_view_seconds), *([] if redis_url is None else [redis_url])]
            running = (_application(bench, url, [str(seed), *arguments]) for seed in range(APPLICATIONS))
            applications = await asyncio.gather(*running)
            if watching.done():
                watching.result()
            await cancel_all([watching])
        committed = await commits(url, watch)
    return [_judged(figures, committed) for figures in applications]


async def _fill(amqp_url: str) -> None:
    restocks = (
        Restock(command_id=UUID(int=number), sku=sku, quantity=UNITS, user="bench")
        for number, sku in enumerate(CATALOGUE)
    )
    async with OrderClient(amqp_url) as client:
        async for _ in client.request_many(restocks):
            """The shop is filled when all are answered."""


def _judged(figures: Figures, committed: Mapping[SkuVersion, Commit]) -> Figures:
    """Return what is published of an application: figures, in the place of all that its readers were told."""
    readings = [Reading(*values) for values in figures.pop("readings")]
    judged = {
        "reads": len(readings),
        "read_milliseconds": _percentiles([reading.elapsed_seconds * 1_000 for reading in readings]),
        "wrong_readings": wrong_readings(readings, committed),
        "doubtful_readings": doubtful_readings(readings, committed),
    }
    if "shown" in figures:
        shown = [Shown(*values) for values in figures.pop("shown")]
        judged["visible_milliseconds"] = _percentiles(visible_milliseconds(shown, committed))
        judged["begun_milliseconds"] = _percentiles(begun_milliseconds(shown, committed))
    return {**figures, **judged}


def _percentiles(milliseconds: list[float]) -> dict[str, float]:
    return {f"p{percent}": percentile(milliseconds, percent) for percent in (50, 99, 99.9)} | {"max": max(milliseconds)}


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
    for kind in ("p50", "p99", "max"):
        rows.append((f"visible after, {kind}, ms", *(f"{each['visible_milliseconds'][kind]:.1f}" for each in view)))
    rows.append(("... since its commit began, max", *(f"{each['begun_milliseconds']['max']:.1f}" for each in view)))
    rows.append(("requests/s", *(f"{each['requests_per_second']:,.0f}" for each in view)))
    rows.append(("peeks/s", *(f"{each['peeks_per_second']:,.0f}" for each in view)))
    goals = [
        Goal(
            "requests",
            sum(figures["requests_per_second"] for figures in view),
            "at least",
            REQUESTS_PER_SECOND_LEAST,
            "/s",
        ),
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
