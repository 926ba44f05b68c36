"""What a campaign has to say: a table for people, JSON for programs."""

import json
import statistics
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.campaign import Outcome
from tests.faults.checker.history import History
from tests.faults.checker.shortest import shortest_history
from tests.faults.checker.violation import Violation
from tests.faults.cluster.worker_logs import claims, crash_count, redelivery_count, takeover_seconds

TAKEOVER_LIMIT_SECONDS = 15.0
"""What is claimed later than that was not waited for."""

DISTURBERS = ("broker.", "database.", "network.", "worker.hung", "worker.rivals", "worker.stopped")
"""Faults that hold up a takeover by themselves: none of these may be under way when one is measured."""

SHOWN_VIOLATIONS = 10
APART = {"kinds", "verdict", "violations", "shortest_history"}
"""Figures that have a place of their own beside the table."""


def report(outcome: Outcome, seed: int) -> dict[str, Any]:
    """Return all figures, and after a violation the shortest history of it."""
    history, violations = outcome.history, outcome.verdict.violations
    kinds = Counter(fault["kind"] for fault in history.faults if fault["outcome"] == "injected")
    takeovers = _takeovers(history, outcome.folder)
    return {
        "seed": seed,
        "verdict": outcome.verdict.counts,
        "violations": [_found(each) for each in violations],
        "shortest_history": _shortest(history, violations) if violations else [],
        "faults": sum(kinds.values()),
        "kinds": dict(sorted(kinds.items())),
        "left_out": len(history.faults) - sum(kinds.values()),
        "operations": dict(Counter(sending.outcome for sending in history.sent)),
        "tries": sum(sending.tries for sending in history.sent),
        "recorded": len(history.recorded),
        "orders": _orders(history),
        "purged": _purged(history),
        "answers": sum(each.queue == history.feed for each in history.received),
        "redeliveries": redelivery_count(outcome.folder.glob("worker-*.log")),
        "duplicate_answers": _duplicates(history),
        "crashes": crash_count(outcome.folder.glob("worker-*.log")),
        "epochs": sum(row["epoch"] for row in history.partitions),
        "takeovers": len(takeovers),
        "takeover_p50_seconds": round(statistics.median(takeovers), 3) if takeovers else None,
        "takeover_max_seconds": round(max(takeovers), 3) if takeovers else None,
    }


def write_report(figures: Mapping[str, Any], conditions: Mapping[str, Any], path: Path) -> None:
    """Write the JSON file; `conditions` tell on what it was measured."""
    path.write_text(json.dumps({**conditions, **figures}, indent=2) + "\n", encoding="utf-8")


def print_report(console: Console, folder: Path, figures: Mapping[str, Any]) -> None:
    """Print the tables, and after a violation how to see it again and the shortest history of it."""
    faults = Table("Fault", "Times", title=f"{figures['faults']} faults of {len(figures['kinds'])} kinds")
    for kind, count in figures["kinds"].items():
        faults.add_row(kind, str(count))
    console.print(faults)
    table = Table("", "", title="What came of it", show_header=False)
    for name, value in figures.items():
        if name not in APART:
            table.add_row(name.replace("_", " "), _told(value))
    for term, count in figures["verdict"].items():
        table.add_row(term.replace("_", " "), f"[bold {'red' if count else 'green'}]{count}[/]")
    console.print(table)
    if not figures["violations"]:
        return
    for violation in figures["violations"][:SHOWN_VIOLATIONS]:
        console.print(violation, markup=False)
    console.print(f"\nSeed {figures['seed']}. The shortest history that shows it:", markup=False)
    for line in figures["shortest_history"]:
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"All files are in {folder}", markup=False)


def _told(value: object) -> str:
    """Return a figure, or several by name, for people."""
    return "\n".join(f"{name} {count}" for name, count in value.items()) if isinstance(value, dict) else str(value)


def _found(violation: Violation) -> str:
    return f"{violation.term}: {violation.message}"


def _shortest(history: History, violations: list[Violation]) -> list[str]:
    shown, lines = shortest_history(history, violations)
    return [_found(shown), *lines]


def _orders(history: History) -> dict[str, int]:
    """Return how whole orders ended."""
    answers = (recorded.answer for recorded in history.recorded.values())
    endings = Counter(answer["reason"] or "sold" for answer in answers if answer["type"] == "place_order")
    return dict(sorted(endings.items()))


def _purged(history: History) -> int:
    """Return how many confirmed commands are not recorded: gone with a queue that was deleted, or else a violation."""
    return sum(each.outcome == "ok" and each.name not in history.recorded for each in history.of("command"))


def _duplicates(history: History) -> int:
    """Return how many answers came that had come before, each queue by itself."""
    seen = Counter((each.queue, each.text) for each in history.received if each.queue != history.dead_letters)
    return sum(count - 1 for count in seen.values())


def _takeovers(history: History, folder: Path) -> list[float]:
    """Return how long each partition of each worker that died had no owner, where nothing else was broken."""
    found = claims((int(log.stem.rpartition("-")[2]), log) for log in folder.glob("worker-*.log"))
    disturbed = [(fault["at"], fault["until"]) for fault in history.faults if fault["kind"].startswith(DISTURBERS)]
    return [
        seconds
        for fault in history.faults
        if "died_at" in fault
        and not any(
            began <= fault["died_at"] + TAKEOVER_LIMIT_SECONDS / 3 and fault["died_at"] <= ended + 1
            for began, ended in disturbed
        )
        for seconds in takeover_seconds(found, fault["seat"], fault["died_at"], TAKEOVER_LIMIT_SECONDS)
    ]
