"""Whole orders: how many the worker sells, beside the single commands that it answers, in turns."""

from dataclasses import asdict

from tests.bench.bench import Bench
from tests.bench.contender import WORKER
from tests.bench.report import Goal, Section
from tests.bench.samples import Spread, commands_per_second
from tests.bench.workload import SKU_COUNT, mixed_commands, whole_orders

LINE_COUNT = 3
ANSWERS_PER_ORDER = 2 * LINE_COUNT
"""Its own; each line but the last is reserved, then sold; the last is sold at once."""

GOAL_SHARE = 0.3
"""Lines per second for each single command per second: a line is two commands, or one where it is the last, and it has
its part in what is asked, answered and told between lanes."""


async def measure(bench: Bench) -> Section:
    """Return the rate of orders, to the last unit sold, and that of single commands."""
    orders: list[float] = []
    commands: list[float] = []
    count = bench.sizes.backlog_orders
    for seed in range(bench.sizes.rounds):
        samples = await bench.answer_backlog(
            WORKER, whole_orders(count, LINE_COUNT, seed), SKU_COUNT + ANSWERS_PER_ORDER * count
        )
        orders.append(commands_per_second(samples) / ANSWERS_PER_ORDER)
        command_count = bench.sizes.backlog_commands
        samples = await bench.answer_backlog(WORKER, mixed_commands(command_count, seed), command_count)
        commands.append(commands_per_second(samples))
    return section(Spread.of(orders), Spread.of(commands))


def section(orders: Spread, commands: Spread) -> Section:
    lines = Spread.of([LINE_COUNT * rate for rate in orders.measured])
    rates = {f"orders of {LINE_COUNT} lines": orders, "their lines": lines, "single commands": commands}
    rows = [(name, f"{rate.median:,.0f}", f"{rate.least:,.0f}", f"{rate.most:,.0f}") for name, rate in rates.items()]
    share = Goal("lines / single commands", lines.median / commands.median, "at least", GOAL_SHARE, "times")
    return Section(
        "Whole orders, per second",
        ("median", "least", "most"),
        rows,
        [share],
        {"orders_per_second": asdict(orders), "commands_per_second": asdict(commands)},
    )
