"""Reservations: reserved and then fulfilled; and ended because their time is up, all at once."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import asyncpg

from schemas.partitions import DEFAULT_PARTITION_COUNT
from tests.bench.bench import LOOK_INTERVAL_SECONDS, SILENCE_TIMEOUT_SECONDS, Bench
from tests.bench.contender import WORKER
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread, commands_per_second
from tests.bench.workload import SKU_COUNT, reserving_commands, sku_name
from tests.end_to_end.open_reservations import open_reservations
from tests.services.databases import fresh_database
from worker.database.migrator import migrate

COMMANDS_PER_PAIR = 2

SEEDING_TIME = timedelta(seconds=25)
"""Until when all open reservations must have been written."""

LATEST_GOAL_SECONDS = 1.0

_EXPIRED = """
SELECT count(*) AS count, extract(epoch FROM max("timestamp") - min("timestamp"))::float AS seconds
FROM events
WHERE event_type = 'ReservationExpired'
"""


async def measure(bench: Bench) -> Section:
    """Return pairs of `reserve` and `fulfil` per second, and expiries per second."""
    rounds, sizes = range(bench.sizes.rounds), bench.sizes
    pairs = [await _pairs_per_second(bench, sizes.backlog_commands // COMMANDS_PER_PAIR, seed) for seed in rounds]
    expiries = [await _expiries_per_second(bench, sizes.due_reservations) for _ in rounds]
    latest_seconds = await _latest_seconds(bench, bench.sizes.open_reservations)
    return section(Spread.of(pairs), Spread.of(expiries), latest_seconds, bench.sizes.open_reservations)


async def _pairs_per_second(bench: Bench, pairs: int, seed: int) -> float:
    commands = [*reserving_commands(pairs, seed)]
    samples = await bench.answer_backlog(WORKER, commands, len(commands))
    return commands_per_second(samples) / COMMANDS_PER_PAIR


async def _expiries_per_second(bench: Bench, count: int) -> float:
    """Let `count` reservations have come due while everything was down; count by when the expiries were decided."""
    await bench.broker.empty()
    async with fresh_database(bench.database_server_url) as url:
        await migrate(url)
        await open_reservations(
            url,
            [sku_name(number) for number in range(SKU_COUNT)],
            count // SKU_COUNT,
            partition_count=DEFAULT_PARTITION_COUNT,
            due_per_sku=count // SKU_COUNT,
            due=datetime.now(UTC) - timedelta(minutes=1),
        )
        async with bench.at_work(WORKER, url):
            return await _until_expired(url, count // SKU_COUNT * SKU_COUNT)


async def _latest_seconds(bench: Bench, count: int) -> float:
    """Let a hundredth of `count` open reservations come due; return how late the last one ended."""
    await bench.broker.empty()
    async with fresh_database(bench.database_server_url) as url:
        await migrate(url)
        async with bench.at_work(WORKER, url):
            due = datetime.now(UTC) + SEEDING_TIME
            per_sku = count // SKU_COUNT
            due_per_sku = max(per_sku // 100, 1)
            await open_reservations(
                url,
                [sku_name(number) for number in range(SKU_COUNT)],
                per_sku,
                partition_count=DEFAULT_PARTITION_COUNT,
                due_per_sku=due_per_sku,
                due=due,
            )
            await _until_expired(url, due_per_sku * SKU_COUNT)
        newest = await _newest_expiry(url)
        return (newest.replace(tzinfo=UTC) - due).total_seconds()


async def _newest_expiry(database_url: str) -> datetime:
    connection = await asyncpg.connect(database_url)
    try:
        newest: datetime = await connection.fetchval(
            "SELECT max(\"timestamp\") FROM events WHERE event_type = 'ReservationExpired'"
        )
        return newest
    finally:
        await connection.close()


async def _until_expired(database_url: str, count: int) -> float:
    connection = await asyncpg.connect(database_url)
    try:
        async with asyncio.timeout(SILENCE_TIMEOUT_SECONDS):
            row = await connection.fetchrow(_EXPIRED)
            while row["count"] < count:
                await asyncio.sleep(LOOK_INTERVAL_SECONDS)
                row = await connection.fetchrow(_EXPIRED)
        return count / float(row["seconds"])
    finally:
        await connection.close()


def section(pairs: Spread, expiries: Spread, latest_seconds: float, open_count: int) -> Section:
    named = {"reserve + fulfil, pairs/s": pairs, "expiries/s": expiries}
    return Section(
        "Reservations",
        ("median", "least", "most"),
        [(name, f"{rate.median:,.0f}", f"{rate.least:,.0f}", f"{rate.most:,.0f}") for name, rate in named.items()],
        goals=(Goal(f"latest expiry, {open_count:,} open", latest_seconds, "at most", LATEST_GOAL_SECONDS, "s"),),
        figures={
            "pairs_per_second": asdict(pairs),
            "expiries_per_second": asdict(expiries),
            "latest_expiry_seconds": latest_seconds,
        },
    )
