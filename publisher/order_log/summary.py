"""What became of an import, in numbers: its size does not grow with the file."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from publisher.order_log.lines import BadLine, BadOrder
from publisher.order_log.logged_commands import LoggedCommand
from schemas.commands import Command
from schemas.order_commands import OrderCommand, PlaceOrder
from schemas.results import OrderResult, Outcome, Result


def _units(command: Command) -> int:
    if isinstance(command, PlaceOrder):
        return sum(line.quantity for line in command.lines)
    return 0 if isinstance(command, OrderCommand) else command.quantity or 0


@dataclass(slots=True)
class OrderCounts:
    """Orders that ended in one way: what they asked for, and what they got.

    Lines of one SKU and location count as one.
    """

    orders: int = 0
    lines: int = 0
    sold_lines: int = 0
    """Those that were sold in full."""
    units: int = 0
    sold_units: int = 0

    def add(self, order: PlaceOrder, result: Result) -> None:
        """Count an order."""
        sold = result.lines if isinstance(result, OrderResult) and result.applied else ()
        self.orders += 1
        self.lines += len(order.lines)
        self.sold_lines += sum(line.sold == line.quantity for line in sold)
        self.units += _units(order)
        self.sold_units += sum(line.sold for line in sold)


Ending = tuple[Outcome, str | None]
"""An outcome, and the reason for it."""


@dataclass(slots=True)
class ImportSummary:
    """Counts of one import, complete or so far."""

    commands: Counter[str] = field(default_factory=Counter)
    """Commands by type."""

    lines: Counter[str] = field(default_factory=Counter)
    """Lines that they were read from, by type."""

    units: Counter[str] = field(default_factory=Counter)
    """Units asked for, by command type."""

    answers: Counter[Ending] = field(default_factory=Counter)
    """Answers to all but orders, by outcome and reason."""

    orders: defaultdict[Ending, OrderCounts] = field(default_factory=lambda: defaultdict(OrderCounts))
    """Answered orders, by outcome and reason."""

    bad_line_count: int = 0

    bad_order_count: int = 0
    """Orders that were not sent, all with lines that are good by themselves."""

    bad_order_line_count: int = 0
    """Those lines."""

    def add_command(self, logged: LoggedCommand) -> None:
        """Count a command."""
        kind = logged.command.type
        self.commands[kind] += 1
        self.lines[kind] += logged.line_count
        self.units[kind] += _units(logged.command)

    def add_bad(self, bad: BadLine) -> None:
        """Count what cannot be sent."""
        if isinstance(bad, BadOrder):
            self.bad_order_count += 1
            self.bad_order_line_count += bad.line_count
        else:
            self.bad_line_count += 1

    def add_result(self, command: Command, result: Result) -> None:
        """Count an answer."""
        if isinstance(command, PlaceOrder):
            self.orders[result.outcome, result.reason].add(command, result)
        else:
            self.answers[result.outcome, result.reason] += 1

    @property
    def has_bad(self) -> bool:
        """Whether there was anything that cannot be sent."""
        return bool(self.bad_line_count or self.bad_order_count)

    @property
    def command_count(self) -> int:
        """Commands read."""
        return self.commands.total()

    @property
    def answered_count(self) -> int:
        """Answers received."""
        return self.answers.total() + sum(counts.orders for counts in self.orders.values())

    @property
    def unanswered_count(self) -> int:
        """Commands read, and perhaps sent, whose answer has not come."""
        return self.command_count - self.answered_count

    @property
    def dead_letter_count(self) -> int:
        """Commands that could not be processed."""
        dead = Outcome.DEAD_LETTERED
        return sum(count for (outcome, _), count in self.answers.items() if outcome is dead) + sum(
            counts.orders for (outcome, _), counts in self.orders.items() if outcome is dead
        )

    def reading_as_json(self) -> dict[str, Any]:
        """Return, for a program, what was read."""
        return {
            "lines": self.lines.total() + self.bad_line_count + self.bad_order_line_count,
            "bad_lines": self.bad_line_count,
            "bad_orders": {"orders": self.bad_order_count, "lines": self.bad_order_line_count},
            "commands": {
                kind: {"commands": count, "lines": self.lines[kind], "units": self.units[kind]}
                for kind, count in self.commands.items()
            },
        }

    def as_json(self) -> dict[str, Any]:
        """Return, for a program, what was read and what became of it."""
        return self.reading_as_json() | {
            "answers": [
                {"outcome": outcome, "reason": reason, "lines": count}
                for (outcome, reason), count in self.answers.most_common()
            ],
            "orders": [
                {"outcome": outcome, "reason": reason} | asdict(counts)
                for (outcome, reason), counts in self.orders_by_frequency()
            ],
            "unanswered": self.unanswered_count,
        }

    def orders_by_frequency(self) -> list[tuple[Ending, OrderCounts]]:
        """Return how orders ended, the most frequent way first."""
        return sorted(self.orders.items(), key=lambda item: -item[1].orders)
