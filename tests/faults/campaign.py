"""One campaign: everything is started, broken by a schedule, mended, judged."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.checker.history import History
from tests.faults.checker.reading import read_history
from tests.faults.checker.verdict import Verdict, judge
from tests.faults.checker.violation import Violation
from tests.faults.cluster.cluster import Cluster, LoadDied, open_cluster
from tests.faults.healing import converge, everything_works, heal
from tests.faults.injecting import Injector
from tests.faults.kinds.broker import impatient, patient
from tests.faults.load.journal import Journal
from tests.faults.remains import remains
from tests.faults.schedule import Fault, kills_one_by_one

UNDISTURBED_SECONDS = 7.0
"""Between two deaths that are measured: by then who has died is back, and has its share again."""
CONVERGENCE_SECONDS = 90.0
"""Workers come back within their longest pause of 5 s; a partition of a hot SKU has its backlog to do."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be done."""

    seed: int
    faults: Sequence[Fault]
    duration_seconds: float
    mutant: str | None = None
    last_kills: int = 0
    """Deaths when everything else is mended: how long takeovers last by themselves."""
    convergence_seconds: float = CONVERGENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    history: History
    verdict: Verdict
    folder: Path


async def conduct(campaign: Campaign, cluster: Cluster, tell: Callable[[str], None]) -> Outcome:
    """Return the verdict; `tell` is told of every fault."""
    await impatient(cluster)
    try:
        return await _break_and_judge(campaign, cluster, tell)
    finally:
        await patient(cluster)


async def _break_and_judge(campaign: Campaign, cluster: Cluster, tell: Callable[[str], None]) -> Outcome:
    folder = cluster.folder
    with Journal(folder / "faults.jsonl") as journal:
        async with open_cluster(cluster):
            await cluster.start(campaign.seed, campaign.mutant)
            if not await everything_works(cluster):
                raise LoadDied(f"the workers did not come to work: see the logs in {folder}")
            clock = asyncio.get_running_loop().time
            began = clock()
            await Injector(cluster, journal, tell).run(campaign.faults)
            await asyncio.sleep(max(0.0, began + campaign.duration_seconds - clock()))
            await heal(cluster)
            tell("everything is mended")
            await Injector(cluster, journal, tell).run(
                kills_one_by_one(len(campaign.faults), campaign.last_kills, UNDISTURBED_SECONDS)
            )
            converged = await converge(cluster, campaign.convergence_seconds)
            tell("everything has come to rest" if converged else "it does not come to rest")
            left = await remains(cluster)
        (folder / "database.json").write_text(left, encoding="utf-8")
    history = read_history(folder)
    verdict = judge(history)
    if not converged:
        verdict.violations.append(Violation("held_for_ever", "not everything came to rest in time; see the logs"))
    return Outcome(history, verdict, folder)
