"""The proof of the checker: every way of breaking the worker must be noticed, and the worker itself found clean."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from tests.faults.campaign import Campaign, Outcome, conduct
from tests.faults.cluster.worker_logs import crash_count
from tests.faults.kinds.kind import Need
from tests.faults.options import chosen_weights
from tests.faults.place import prepared_cluster
from tests.faults.schedule import plan
from tests.services import Services

CONVERGENCE_SECONDS = 12.0
"""Longer than a reservation or an order lasts; most mutants never come to rest."""


@dataclass(frozen=True, slots=True)
class Provocation:
    """Which faults bring a mutant's wrong to light, and in which terms."""

    kinds: str
    terms: frozenset[str]
    duration_seconds: float = 8.0
    every_seconds: float = 1.0


def _provocation(kinds: str, *terms: str, duration_seconds: float = 8.0, every_seconds: float = 1.0) -> Provocation:
    return Provocation(kinds, frozenset(terms), duration_seconds, every_seconds)


PROVOCATIONS: dict[str, Provocation] = {
    "acknowledges-before-commit": _provocation("worker.killed_at_before_statement", "lost"),
    "acknowledges-buffer-on-handover": _provocation("worker.terminated,input.burst", "lost", every_seconds=0.5),
    "answers-no-repetition": _provocation("worker.killed_at_committed", "lost"),
    "applies-twice-on-doubt": _provocation("network.database_cut_inside_reply", "doubled", "unexpected"),
    "drops-answers-on-error": _provocation("network.broker_cut_*", "lost", every_seconds=0.4),
    "drops-dead-letters": _provocation("input.rubbish", "lost"),
    "drops-expiry": _provocation("input.burst", "held_for_ever"),
    "forestalls-in-vain": _provocation("worker.killed_at_order_*,worker.killed_at_line_*", "unexpected"),
    "gives-nothing-back": _provocation("worker.killed_at_order_*", "held_for_ever"),
    "has-no-fence": _provocation("worker.rivals", "unexpected", duration_seconds=1.0),
    "ignores-conflicts": _provocation("input.conflicts", "lost"),
    "knows-no-duplicates": _provocation("input.duplicates", "doubled", "unexpected"),
    "publishes-before-commit": _provocation("worker.killed_at_before_statement", "doubled"),
    "requeues-on-error": _provocation("database.restarted,input.burst", "reordered"),
    "reverses-batches": _provocation("input.burst", "reordered"),
    "sells-orders-in-part": _provocation("worker.killed_at_order_*", "lost"),
    "skips-audit-rows": _provocation("input.burst", "unaudited"),
    "stores-another-answer": _provocation("input.duplicates", "doubled"),
}


async def prove_checker(services: Services, names: list[str], seed: int, folder: Path, console: Console) -> int:
    """Run a short campaign for each mutant of these names; return 0 where every one was noticed, and nobody else.

    First the worker itself is provoked in each of these ways: a checker that finds fault with it proves nothing.
    """
    failures = 0
    for provocation in controls(names):
        outcome = await provoke(services, None, provocation, seed, folder / "control")
        failures += not _tell(console, is_clean(outcome), "clean", f"no mutant: {provocation.kinds}", outcome)
    for name in names:
        outcome = await provoke(services, name, PROVOCATIONS[name], seed, folder / name)
        failures += not _tell(console, is_noticed(name, outcome), "noticed", name, outcome)
    return 1 if failures else 0


def controls(names: Iterable[str]) -> list[Provocation]:
    """Return what the mutants of these names are provoked with, each way once."""
    return list({replace(PROVOCATIONS[name], terms=frozenset()): None for name in names})


async def provoke(services: Services, name: str | None, provocation: Provocation, seed: int, folder: Path) -> Outcome:
    """Return what a short campaign found: against the mutant `name`, or against the worker as it is."""
    weights = chosen_weights(provocation.kinds, Need.ONE_NODE)
    faults = plan(seed, provocation.duration_seconds, weights, provocation.every_seconds)
    async with prepared_cluster(services, folder) as cluster:
        campaign = Campaign(seed, faults, provocation.duration_seconds, name, convergence_seconds=CONVERGENCE_SECONDS)
        return await conduct(campaign, cluster, lambda _line: None)


def is_noticed(name: str, outcome: Outcome) -> bool:
    """Return whether the checker found what this mutant does wrong: one that crashes does something else."""
    counts = outcome.verdict.counts
    return any(counts[term] for term in PROVOCATIONS[name].terms) and not _crashes(outcome)


def is_clean(outcome: Outcome) -> bool:
    """Return whether a worker was really provoked, and did nothing wrong."""
    is_provoked = any(fault["outcome"] == "injected" for fault in outcome.history.faults)
    return is_provoked and not outcome.verdict.violations and not _crashes(outcome)


def _crashes(outcome: Outcome) -> int:
    return crash_count(outcome.folder.glob("worker-*.log"))


def _tell(console: Console, is_as_expected: bool, expected: str, what: str, outcome: Outcome) -> bool:  # noqa: FBT001
    counts = outcome.verdict.counts | {"crashes": _crashes(outcome)}
    found = {term: count for term, count in counts.items() if count}
    verdict = expected if is_as_expected else f"NOT {expected.upper()}"
    console.print(f"{verdict:12} {what:60} {found}", markup=False, highlight=False, soft_wrap=True)
    return is_as_expected
