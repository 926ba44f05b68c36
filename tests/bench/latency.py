"""Latency: from publish to result at a steady rate, the same client for the worker and for echo."""

from dataclasses import asdict
from itertools import islice

from tests.bench.bench import Bench
from tests.bench.contender import ECHO, WORKER, Contender
from tests.bench.latency_client import LatencyClient
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread, percentile
from tests.bench.workload import mixed_commands

COMMANDS_PER_SECOND = 500
WARM_UP_SECONDS = 3.0
"""The contender connects, loads its SKUs and makes its plans; a steady state is what is asked for."""

P99_TIMES_LIMIT = 3.0
CONTENDERS = (WORKER, ECHO)
PERCENTS = (50, 99)
_MILLISECONDS = 1_000


async def measure(bench: Bench) -> Section:
    """Return the percentiles of both."""
    measured: dict[str, list[list[float]]] = {contender.name: [] for contender in CONTENDERS}
    for seed in range(bench.sizes.latency_rounds):
        for contender in CONTENDERS:
            measured[contender.name].append(await _latencies_seconds(bench, contender, seed))
    return section({name: _spreads(rounds) for name, rounds in measured.items()})


async def _latencies_seconds(bench: Bench, contender: Contender, seed: int) -> list[float]:
    await bench.broker.empty()
    warm_up = int(WARM_UP_SECONDS * COMMANDS_PER_SECOND)
    commands = mixed_commands(warm_up + int(bench.sizes.latency_seconds * COMMANDS_PER_SECOND), seed)
    async with bench.at_work(contender), LatencyClient.open(bench.broker.amqp_url) as client:
        # Until it has answered these, the contender is not there yet.
        await client.latencies_seconds(islice(commands, warm_up), COMMANDS_PER_SECOND)
        return await client.latencies_seconds(commands, COMMANDS_PER_SECOND)


def _spreads(rounds: list[list[float]]) -> dict[int, Spread]:
    return {
        percent: Spread.of([percentile(latencies, percent) * _MILLISECONDS for latencies in rounds])
        for percent in PERCENTS
    }


def section(milliseconds: dict[str, dict[int, Spread]]) -> Section:
    rows = [
        (f"{name} p{percent}", f"{spread.median:.1f}", f"{spread.least:.1f}", f"{spread.most:.1f}")
        for name, spreads in milliseconds.items()
        for percent, spread in spreads.items()
    ]
    ratio = milliseconds[WORKER.name][99].median / milliseconds[ECHO.name][99].median
    return Section(
        f"Latency at {COMMANDS_PER_SECOND}/s, ms",
        ("median", "least", "most"),
        rows,
        [Goal("worker p99 / echo p99", ratio, "at most", P99_TIMES_LIMIT, "times")],
        {
            "milliseconds": {
                name: {f"p{percent}": asdict(spread) for percent, spread in spreads.items()}
                for name, spreads in milliseconds.items()
            }
        },
    )
