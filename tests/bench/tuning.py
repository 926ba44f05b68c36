"""`python -m tests.bench.tuning`: at which settings the other contenders are fastest.

They must be measured at their best; what is found here is written into their
programs. To be run again when the machine or a library changes.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.bench import Bench
from tests.bench.bench_broker import BenchBroker
from tests.bench.contender import ECHO, PER_MESSAGE, Contender, tuned
from tests.bench.samples import commands_per_second
from tests.bench.sizes import Sizes
from tests.bench.workload import mixed_commands
from tests.services import Services, provide
from tests.services.interruption import termination_as_interrupt

ROUNDS = 3
COMMANDS = {ECHO.name: 10_000, PER_MESSAGE.name: 4_000}
CANDIDATES: tuple[tuple[Contender, tuple[tuple[int, ...], ...]], ...] = (
    (ECHO, ((16,), (64,), (128,), (256,), (1_000,))),
    (PER_MESSAGE, ((1, 16), (2, 4), (2, 8), (4, 8), (4, 16), (16, 8), (16, 16), (16, 32))),
)


async def main(services: Services) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with BenchBroker.open(services.amqp_url) as broker:
            bench = Bench(broker, services.database_url, Sizes(), Path(folder))
            for contender, candidates in CANDIDATES:
                await _compare(bench, contender, candidates)


async def _compare(bench: Bench, contender: Contender, candidates: tuple[tuple[int, ...], ...]) -> None:
    rates: dict[tuple[int, ...], list[float]] = {settings: [] for settings in candidates}
    count = COMMANDS[contender.name]
    for seed in range(ROUNDS):
        for settings in candidates:
            samples = await bench.answer_backlog(tuned(contender, *settings), mixed_commands(count, seed), count)
            rates[settings].append(commands_per_second(samples))
    for settings, measured in rates.items():
        print(f"{contender.name:<12} {settings!s:<10} {median(measured):>8,.0f} commands/s", flush=True)


if __name__ == "__main__":
    with termination_as_interrupt(), provide() as provided:
        sys.exit(asyncio.run(main(provided)))
