"""Throughput: the same backlog for all three, in turns, so that the machine's moods hit all alike."""

from dataclasses import asdict

from tests.bench.bench import Bench
from tests.bench.contender import ECHO, PER_MESSAGE, WORKER
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread, commands_per_second, cpu_microseconds_per_command
from tests.bench.workload import mixed_commands

CONTENDERS = (WORKER, ECHO, PER_MESSAGE)
GOALS = {ECHO.name: 2.2, PER_MESSAGE.name: 7.0}
"""How many times as fast as each other contender the worker has to be."""


async def measure(bench: Bench) -> Section:
    """Return the rates of all contenders."""
    rates: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    cpu: dict[str, list[float]] = {contender.name: [] for contender in CONTENDERS}
    count = bench.sizes.backlog_commands
    for seed in range(bench.sizes.rounds):
        for contender in CONTENDERS:
            samples = await bench.answer_backlog(contender, mixed_commands(count, seed), count)
            rates[contender.name].append(commands_per_second(samples))
            cpu[contender.name].append(cpu_microseconds_per_command(samples))
    return section(
        {name: Spread.of(values) for name, values in rates.items()},
        {name: Spread.of(values) for name, values in cpu.items()},
    )


def section(rates: dict[str, Spread], cpu: dict[str, Spread]) -> Section:
    rows = [
        (name, f"{rate.median:,.0f}", f"{rate.least:,.0f}", f"{rate.most:,.0f}", f"{cpu[name].median:.0f}")
        for name, rate in rates.items()
    ]
    goals = [
        Goal(f"worker / {name}", rates[WORKER.name].median / rates[name].median, "at least", times, "times")
        for name, times in GOALS.items()
    ]
    return Section(
        "Throughput, commands/s",
        ("median", "least", "most", "CPU us/cmd"),
        rows,
        goals,
        {
            "commands_per_second": {name: asdict(rate) for name, rate in rates.items()},
            "cpu_microseconds_per_command": {name: asdict(spread) for name, spread in cpu.items()},
        },
    )
