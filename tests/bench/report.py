"""What a part of the benchmark has to say, and how it is printed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

NAME_CHARACTERS = 32
FIGURE_CHARACTERS = 11
LINE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that was promised."""

    name: str
    measured: float
    kind: Literal["at least", "at most"]
    limit: float
    unit: str

    @property
    def met(self) -> bool:
        """Whether the measured figure keeps the promise."""
        return self.measured >= self.limit if self.kind == "at least" else self.measured <= self.limit


@dataclass(frozen=True, slots=True)
class Section:
    """One part's figures: rows for people, goals, and everything that was measured."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    goals: Sequence[Goal]
    figures: dict[str, Any] = field(default_factory=dict)


def rendered(section: Section) -> str:
    """Return the section as a table that fits a terminal of 80 columns."""
    table = [(section.title, *section.columns), *section.rows]
    name_characters = max(NAME_CHARACTERS, *(len(name) for name, *_ in table))
    title, *lines = [_line(name, figures, name_characters) for name, *figures in table]
    verdicts = [_verdict(goal) for goal in section.goals]
    return "\n".join(["", title, "-" * LINE_CHARACTERS, *lines, *verdicts])


def _line(name: str, figures: Sequence[str], name_characters: int) -> str:
    return f"{name:<{name_characters}}" + "".join(f"{figure:>{FIGURE_CHARACTERS}}" for figure in figures)


def _verdict(goal: Goal) -> str:
    measured = f"{goal.name}: {goal.measured:.3g} {goal.unit}".rstrip()
    verdict = f"goal {goal.kind} {goal.limit:g}  {'met' if goal.met else 'NOT MET'}"
    return f"{measured:<{LINE_CHARACTERS - 36}}{verdict:>36}"
