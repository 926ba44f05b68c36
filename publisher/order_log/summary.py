"""What became of an import, in numbers: its size does not grow with the file."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from schemas.commands import Command
from schemas.order_commands import OrderCommand, PlaceOrder
from schemas.results import Outcome, Result


def _units(command: Command) -> int:
    if isinstance(command, PlaceOrder):
        return sum(line.quantity for line in command.lines)
    return 0 if isinstance(command, OrderCommand) else command.quantity or 0


@dataclass(slots=True)
class ImportSummary:
    """Counts of one import, complete or so far."""

    commands: Counter[str] = field(default_factory=Counter)
    """Good lines by command type."""

    units: Counter[str] = field(default_factory=Counter)
    """Units asked for, by command type."""

    answers: Counter[tuple[Outcome, str | None]] = field(default_factory=Counter)
    """Answers by outcome and reason."""

    bad_line_count: int = 0

    def add_command(self, command: Command) -> None:
        """Count a good line."""
        self.commands[command.type] += 1
        self.units[command.type] += _units(command)

    def add_result(self, result: Result) -> None:
        """Count an answer."""
        self.answers[result.outcome, result.reason] += 1

    @property
    def command_count(self) -> int:
        """Good lines read."""
        return self.commands.total()

    @property
    def answered_count(self) -> int:
        """Answers received."""
        return self.answers.total()

    @property
    def unanswered_count(self) -> int:
        """Commands read, and perhaps sent, whose answer has not come."""
        return self.command_count - self.answered_count

    def count(self, outcome: Outcome) -> int:
        """Return how many ended in `outcome`."""
        return sum(count for (each, _), count in self.answers.items() if each is outcome)

    def reading_as_json(self) -> dict[str, Any]:
        """Return, for a program, what was read."""
        return {
            "lines": self.command_count + self.bad_line_count,
            "bad_lines": self.bad_line_count,
            "commands": {kind: {"lines": count, "units": self.units[kind]} for kind, count in self.commands.items()},
        }

    def as_json(self) -> dict[str, Any]:
        """Return, for a program, what was read and what became of it."""
        return self.reading_as_json() | {
            "answers": [
                {"outcome": outcome, "reason": reason, "lines": count}
                for (outcome, reason), count in self.answers.most_common()
            ],
            "unanswered": self.unanswered_count,
        }
