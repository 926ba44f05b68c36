"""The proof of the checker: every way of breaking the worker must be noticed."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console

from tests.faults.campaign import Campaign, Outcome, conduct
from tests.faults.kinds.kind import Need
from tests.faults.options import chosen_weights
from tests.faults.place import prepared_cluster
from tests.faults.schedule import plan
from tests.faults.subject.mutants import MUTANTS
from tests.services import Services

CONVERGENCE_SECONDS = 12.0
"""Longer than a reservation lasts; most mutants never come to rest."""


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
    "has-no-fence": _provocation("worker.rivals", "unexpected", duration_seconds=1.0),
    "ignores-conflicts": _provocation("input.conflicts", "lost"),
    "knows-no-duplicates": _provocation("input.duplicates", "doubled", "unexpected"),
    "publishes-before-commit": _provocation("worker.killed_at_before_statement", "doubled"),
    "requeues-on-error": _provocation("database.restarted", "reordered", duration_seconds=4.0, every_seconds=4.0),
    "reverses-batches": _provocation("input.burst", "reordered"),
    "skips-audit-rows": _provocation("input.burst", "unaudited"),
    "stores-another-answer": _provocation("input.duplicates", "doubled"),
}


async def prove_checker(services: Services, pattern: str, seed: int, folder: Path, console: Console) -> int:
    """Run a short campaign for each mutant that matches; return 0 where every one was noticed."""
    unnoticed = 0
    for name in MUTANTS:
        if not fnmatch(name, pattern):
            continue
        outcome = await provoke(services, name, seed, folder / name)
        noticed = is_noticed(name, outcome)
        unnoticed += not noticed
        found = {term: count for term, count in outcome.verdict.counts.items() if count}
        console.print(f"{'noticed' if noticed else 'NOT NOTICED':12} {name:34} {found}", markup=False)
    return 1 if unnoticed else 0


async def provoke(services: Services, name: str, seed: int, folder: Path) -> Outcome:
    """Return what a short campaign against the mutant `name` found."""
    provocation = PROVOCATIONS[name]
    weights = chosen_weights(provocation.kinds, Need.ONE_NODE)
    faults = plan(seed, provocation.duration_seconds, weights, provocation.every_seconds)
    async with prepared_cluster(services, folder) as cluster:
        campaign = Campaign(seed, faults, provocation.duration_seconds, name, CONVERGENCE_SECONDS)
        return await conduct(campaign, cluster, lambda _line: None)


def is_noticed(name: str, outcome: Outcome) -> bool:
    """Return whether the checker found what this mutant does wrong."""
    counts = outcome.verdict.counts
    return any(counts[term] for term in PROVOCATIONS[name].terms)
