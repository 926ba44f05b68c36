"""What can happen to an order. Lines are numbered from 1.

What is decided with what the order hears of its lines is one event with that: they cannot come apart.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from worker.domain.orders.order import Line, LineAnswer


class OrderPlaced(NamedTuple):
    """`user` wants `lines`, in whole or, where `allow_partial`, what can be had, before `deadline`."""

    command_id: UUID
    user: str
    reason: str | None
    lines: tuple[Line, ...]
    allow_partial: bool
    deadline: datetime
    reply_to: str | None


@dataclass(frozen=True, slots=True)
class ReplyWanted:
    """The order was placed again, and is to be answered there, too."""

    reply_to: str | None


class LinesAnswered(NamedTuple):
    """What the lines from `line` on got, one after the other; an event of its own where it decides nothing."""

    line: int
    answers: tuple[LineAnswer, ...]

    @property
    def last_line(self) -> int:
        """The last line that was answered."""
        return self.line + len(self.answers) - 1

    @property
    def tells_of_sale(self) -> bool:
        """Whether the order's last line is among them, and was sold."""
        return any(answer.sold for answer in self.answers)


@dataclass(frozen=True, slots=True)
class OrderSold:
    """What is held is sold."""

    heard: LinesAnswered | None = None


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """A line could not be had, or none could: what is held is given back."""

    heard: LinesAnswered | None = None


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """It was given up: what is held is given back, also what is still being reserved."""


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """Its time was up: what is held is given back, also what is still being reserved."""

    heard: LinesAnswered | None = None


OrderEvent = OrderPlaced | ReplyWanted | LinesAnswered | OrderSold | OrderRefused | OrderCancelled | OrderExpired
