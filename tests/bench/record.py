"""The file that a run leaves: everything measured, and on what."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.report import Goal, Section
from tests.bench.sizes import Sizes

FILE_NAME = "bench.json"


def record(sections: Mapping[str, Section], sizes: Sizes, conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Return all of a run as JSON-able values."""
    return {
        **conditions,
        "sizes": asdict(sizes),
        "goals": [_goal(goal) for section in sections.values() for goal in section.goals],
        **{name: section.figures for name, section in sections.items()},
    }


def _goal(goal: Goal) -> dict[str, Any]:
    return {**asdict(goal), "met": goal.met}


def write(contents: Mapping[str, Any], folder: Path) -> None:
    """Write the file into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")
