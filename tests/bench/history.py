"""Throughput with millions of earlier commands in the database, beside that of an empty one."""

from dataclasses import asdict

from tests.bench.bench import Bench
from tests.bench.contender import WORKER
from tests.bench.history_filling import fill_history
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread, commands_per_second
from tests.bench.workload import mixed_commands
from tests.services.databases import fresh_database

SHARE_LEAST = 0.8
"""How much of its speed the worker has to keep."""


async def measure(bench: Bench) -> Section:
    """Return the rates on both databases, measured in turns."""
    empty: list[float] = []
    full: list[float] = []
    async with fresh_database(bench.database_server_url) as full_url:
        history_commands = await fill_history(full_url, bench.sizes.history_commands)
        for seed in range(bench.sizes.history_rounds):
            empty.append(await _rate(bench, None, seed))
            full.append(await _rate(bench, full_url, seed))
    return section(history_commands, Spread.of(empty), Spread.of(full))


async def _rate(bench: Bench, database_url: str | None, seed: int) -> float:
    count = bench.sizes.backlog_commands
    return commands_per_second(await bench.answer_backlog(WORKER, mixed_commands(count, seed), count, database_url))


def section(history_commands: int, empty: Spread, full: Spread) -> Section:
    named = {"empty database": empty, f"{history_commands:,} earlier commands": full}
    return Section(
        "Throughput with a history",
        ("median", "least", "most"),
        [(name, f"{rate.median:,.0f}", f"{rate.least:,.0f}", f"{rate.most:,.0f}") for name, rate in named.items()],
        [Goal("full / empty", full.median / empty.median, "at least", SHARE_LEAST, "times")],
        {"history_commands": history_commands, "empty": asdict(empty), "full": asdict(full)},
    )
