"""What a soak has to say: a table with goals for people, JSON for programs."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.report import Goal, Section
from tests.soak.flatness import LIMITS, Halves, goal, halves
from tests.soak.series import CLIENT_FILE, FAULTS_FILE, SAMPLES_FILE, Note, Series, notes, series_of
from tests.soak.soak import LOAD_SHARE, Soaked

PACE_KEPT_SHARE = 0.98
"""Of the commands that the pace asks for. A client that falls behind would make everything look flat."""


def measured(folder: Path, soaked: Soaked) -> tuple[dict[str, Series], list[Note], Note]:
    """Return the figures over time, the faults, and the client's last note."""
    samples = notes(folder / SAMPLES_FILE, soaked.began, soaked.ended)
    client = notes(folder / CLIENT_FILE, soaked.began, soaked.ended)
    faults = [note for note in notes(folder / FAULTS_FILE) if note["outcome"] == "injected"]
    last = notes(folder / CLIENT_FILE)[-1]
    return series_of(samples, client, soaked.began), faults, last | {"sent_before": client[0]["sent"]}


def section(series: Mapping[str, Series], soaked: Soaked, faults: Sequence[Note], last: Note) -> Section:
    """Return the table, and all figures."""
    duration_seconds = soaked.ended - soaked.began
    seen = {name: halves(each, duration_seconds) for name, each in series.items()}
    sent_share = (last["sent"] - last["sent_before"]) / (soaked.pace_per_second * duration_seconds)
    return Section(
        f"Soak, {duration_seconds / 60:.1f} min at {soaked.pace_per_second:,.0f}/s",
        ("first half", "second half", "most"),
        [_row(series[name], each) for name, each in seen.items()],
        [
            *(goal(name, seen[name]) for name in LIMITS),
            Goal("commands sent, of those due", round(sent_share, 4), "at least", PACE_KEPT_SHARE, ""),
            Goal("commands without an answer", last["unanswered"], "at most", 0, ""),
        ],
        {
            "limit_per_second": round(soaked.limit_per_second, 1),
            "load_share": LOAD_SHARE,
            "pace_per_second": round(soaked.pace_per_second, 1),
            "duration_seconds": round(duration_seconds, 1),
            "commands": last["sent"],
            "faults": dict(sorted(Counter(fault["kind"] for fault in faults).items())),
            "halves": {name: asdict(each) for name, each in seen.items()},
        },
    )


def write(result: Section, seed: int, conditions: Mapping[str, Any], path: Path) -> None:
    """Write the JSON file."""
    goals = [{**asdict(each), "met": each.met} for each in result.goals]
    contents = {**conditions, "seed": seed, "goals": goals, **result.figures}
    path.write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")


def _row(series: Series, seen: Halves) -> tuple[str, ...]:
    name = f"{series.name}, {series.unit}" if series.unit else series.name
    return (name, *(_told(value) for value in (seen.first, seen.second, seen.most)))


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
