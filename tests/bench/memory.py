"""Resident memory: many SKUs touched, and a long backlog in front of the worker."""

from collections.abc import Sequence

from tests.bench.bench import Bench
from tests.bench.contender import WORKER
from tests.bench.report import Goal, Section
from tests.bench.samples import Sample, working
from tests.bench.workload import touching_commands

MEGABYTE_BYTES = 1_000_000
PEAK_LIMIT_MEGABYTES = 150.0

GROWTH_LIMIT_MEGABYTES = 2.5
"""Of the second half of the backlog over the first. "None" would be a lie: a batch of another size leaves the
allocator with other holes. Over 250,000 commands a leak of 10 bytes a command would show."""


async def measure(bench: Bench) -> Section:
    """Return the peak and the growth over one long backlog that touches all SKUs first, then again and again."""
    sizes = bench.sizes
    commands = touching_commands(sizes.memory_commands, sizes.memory_skus, seed=1)
    samples = await bench.answer_backlog(WORKER, commands, sizes.memory_commands)
    return section(samples, sizes.memory_skus, sizes.memory_commands)


def section(samples: Sequence[Sample], sku_count: int, command_count: int) -> Section:
    watched = working(samples)
    touched = peak_megabytes([sample for sample in watched if sample.answered <= sku_count])
    first_half = peak_megabytes([sample for sample in watched if sample.answered <= command_count // 2])
    second_half = peak_megabytes([sample for sample in watched if sample.answered > command_count // 2])
    peak = max(first_half, second_half)
    return Section(
        "Resident memory, MB",
        ("peak",),
        [
            ("at its first answer", f"{watched[0].resident_bytes / MEGABYTE_BYTES:.0f}"),
            (f"{sku_count:,} SKUs touched", f"{touched:.0f}"),
            (f"{command_count // 2:,} commands answered", f"{first_half:.0f}"),
            (f"{command_count:,} commands answered", f"{second_half:.0f}"),
        ],
        [
            Goal("peak", peak, "at most", PEAK_LIMIT_MEGABYTES, "MB"),
            Goal("growth in its second half", second_half - first_half, "at most", GROWTH_LIMIT_MEGABYTES, "MB"),
        ],
        {
            "sku_count": sku_count,
            "command_count": command_count,
            "touched_megabytes": touched,
            "first_half_megabytes": first_half,
            "second_half_megabytes": second_half,
            "peak_megabytes": peak,
        },
    )


def peak_megabytes(samples: Sequence[Sample]) -> float:
    return max(sample.resident_bytes for sample in samples) / MEGABYTE_BYTES
