"""The ledger of dead letters with a million rows: what an operator waits for."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from time import perf_counter
from typing import Any

import asyncpg

from publisher.dead_letters import DeadLetters, LetterFilter
from tests.bench.bench import Bench
from tests.bench.errors import ContenderFailed
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread
from tests.services.databases import fresh_database
from worker.database.migrator import migrate

LOOKS = 5
"""How often each is measured, after once for nothing."""

ANSWER_GOAL_SECONDS = 1.0
FILLING_TIMEOUT_SECONDS = 1_800.0
LISTED = 20

NAMES = (
    "list, library",
    "groups, library",
    "list, whole program",
    "groups, whole program",
    "list --text, library",
    "list, not vacuumed",
    "groups, not vacuumed",
)
_WITH_GOAL = NAMES[:4]

_FILL = files("tests.bench").joinpath("dead_letters_sql", "letters.sql").read_text(encoding="utf-8")
_ABSENT = "stands in no letter"


async def measure(bench: Bench) -> Section:
    """Return how long `list` and `groups` take, from the library and as programs of their own."""
    async with fresh_database(bench.database_server_url) as url:
        await migrate(url)
        seconds = await _while_filling(url, bench.sizes.dead_letters)
        for verb in ("list", "groups"):
            seconds[f"{verb}, whole program"] = await _looks(partial(_program, url, verb))
    return section(seconds, bench.sizes.dead_letters)


async def _while_filling(url: str, letters: int) -> dict[str, list[float]]:
    connection = await asyncpg.connect(url)
    seconds: dict[str, list[float]] = {}
    try:
        # Autovacuum would begin in the middle of what is measured without it.
        await connection.execute("ALTER TABLE dead_letters SET (autovacuum_enabled = off)")
        await connection.execute(_FILL, letters, timeout=FILLING_TIMEOUT_SECONDS)
        await connection.execute("CHECKPOINT")
        seconds |= {f"{name}, not vacuumed": each for name, each in (await _library(url)).items()}
        await connection.execute("VACUUM (ANALYZE) dead_letters", timeout=FILLING_TIMEOUT_SECONDS)
        await connection.execute("CHECKPOINT")
        seconds |= {f"{name}, library": each for name, each in (await _library(url)).items()}
        seconds["list --text, library"] = await _searched(url)
    finally:
        await connection.close()
    return seconds


async def _library(url: str) -> dict[str, list[float]]:
    async with DeadLetters(url) as ledger:
        return {
            "list": await _looks(partial(_listed, ledger, LetterFilter())),
            "groups": await _looks(partial(_grouped, ledger)),
        }


async def _searched(url: str) -> list[float]:
    async with DeadLetters(url) as ledger:
        return await _looks(partial(_listed, ledger, LetterFilter(text=_ABSENT)))


async def _listed(ledger: DeadLetters, letter_filter: LetterFilter) -> None:
    await ledger.totals(letter_filter)
    _ = [letter async for letter in ledger.letters(letter_filter, limit=LISTED)]


async def _grouped(ledger: DeadLetters) -> None:
    await ledger.groups()


async def _program(url: str, verb: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "publisher", "dead-letters", verb),
        stdout=DEVNULL,
        env=os.environ | {"ORDERS_DATABASE_URL": url},
    )
    if await process.wait():
        raise ContenderFailed(f"order-publisher dead-letters {verb} ended with {process.returncode}")


async def _looks(look: Callable[[], Awaitable[Any]]) -> list[float]:
    await look()
    seconds = []
    for _ in range(LOOKS):
        started = perf_counter()
        await look()
        seconds.append(perf_counter() - started)
    return seconds


def section(seconds: Mapping[str, Sequence[float]], letters: int) -> Section:
    spreads = {name: Spread.of(seconds[name]) for name in NAMES}
    return Section(
        f"{letters:,} dead letters, seconds",
        ("median", "least", "most"),
        [(name, f"{each.median:.2f}", f"{each.least:.2f}", f"{each.most:.2f}") for name, each in spreads.items()],
        [Goal(name, spreads[name].median, "at most", ANSWER_GOAL_SECONDS, "s") for name in _WITH_GOAL],
        {"letters": letters, "seconds": {name: list(seconds[name]) for name in NAMES}},
    )
