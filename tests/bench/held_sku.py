"""Throughput of all others while a SKU is held, beside that of a shop in which none is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files

import asyncpg

from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_of
from tests.bench.bench import Bench
from tests.bench.contender import WORKER
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread, commands_per_second
from tests.bench.workload import mixed_commands, sku_name
from tests.services.databases import fresh_database
from worker.database.migrator import migrate

SHARE_LEAST = 0.9
"""How much of its speed the worker has to keep."""

HELD = sku_name(0)

_HOLD = files("tests.bench").joinpath("dead_letters_sql", "hold.sql").read_text(encoding="utf-8")


async def measure(bench: Bench) -> Section:
    """Return the rates of commands that are decided, with and without a held SKU, measured in turns."""
    free: list[float] = []
    beside: list[float] = []
    parked_counts: list[int] = []
    count = bench.sizes.backlog_commands
    for seed in range(bench.sizes.rounds):
        samples = await bench.answer_backlog(WORKER, mixed_commands(count, seed), count)
        free.append(commands_per_second(samples))
        async with _shop_with_a_held_sku(bench) as url:
            samples = await bench.answer_backlog(WORKER, mixed_commands(count, seed), count, url)
            parked = await _parked(url)
        beside.append(commands_per_second(samples) * (1 - parked / count))
        parked_counts.append(parked)
    return section(Spread.of(free), Spread.of(beside), max(parked_counts))


@asynccontextmanager
async def _shop_with_a_held_sku(bench: Bench) -> AsyncIterator[str]:
    async with fresh_database(bench.database_server_url) as url:
        await migrate(url)
        connection = await asyncpg.connect(url)
        try:
            now = datetime.now(UTC).replace(tzinfo=None)
            await connection.execute(_HOLD, HELD, partition_of(HELD, DEFAULT_PARTITION_COUNT), now)
        finally:
            await connection.close()
        yield url


async def _parked(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        parked: int = await connection.fetchval("SELECT parked FROM holds")
    finally:
        await connection.close()
    return parked


def section(free: Spread, beside: Spread, parked: int) -> Section:
    named = {"no SKU is held": free, f"one is, {parked} commands parked": beside}
    return Section(
        "Throughput beside a held SKU",
        ("median", "least", "most"),
        [(name, f"{rate.median:,.0f}", f"{rate.least:,.0f}", f"{rate.most:,.0f}") for name, rate in named.items()],
        [Goal("beside a held SKU / none held", beside.median / free.median, "at least", SHARE_LEAST, "times")],
        {"none_held": asdict(free), "beside_a_held_sku": asdict(beside), "parked": parked},
    )
