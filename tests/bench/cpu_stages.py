"""Where a command's CPU goes in the worker."""

import json
from collections.abc import Mapping

from tests.bench.bench import Bench
from tests.bench.contender import profiled_worker
from tests.bench.report import Section
from tests.bench.samples import cpu_microseconds_per_command
from tests.bench.stages import Stage
from tests.bench.workload import mixed_commands


async def measure(bench: Bench) -> Section:
    """Return the CPU of each stage, which add up to that of the process."""
    report = bench.folder / "stages.json"
    count = bench.sizes.stage_commands
    samples = await bench.answer_backlog(profiled_worker(report), mixed_commands(count, seed=1), count)
    # The worker writes its report at its end, which `answer_backlog` has waited for.
    return section(cpu_microseconds_per_command(samples), json.loads(report.read_text(encoding="utf-8")))


def section(cpu_microseconds: float, sample_counts: Mapping[str, int]) -> Section:
    """Share `cpu_microseconds` out among the stages."""
    sample_count = sum(sample_counts.values())
    stages = {stage.value: cpu_microseconds * sample_counts.get(stage, 0) / sample_count for stage in Stage}
    rows = [
        (stage, f"{microseconds:.1f}", f"{microseconds / cpu_microseconds:.0%}")
        for stage, microseconds in stages.items()
    ]
    rows.append(("whole process", f"{cpu_microseconds:.1f}", "100%"))
    return Section(
        "CPU of the worker, by stage",
        ("us/command", "share"),
        rows,
        goals=(),
        figures={"stage_microseconds": stages, "cpu_microseconds": cpu_microseconds, "sample_count": sample_count},
    )
