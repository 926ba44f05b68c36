"""The state of one whole order.

Named tuples: an order is made anew with each of its events, at a fifth of what that costs a frozen dataclass.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from worker.domain.refusals import RefusalReason

_RULED = frozenset(reason.value for reason in RefusalReason)


class OrderStatus(StrEnum):
    """Whether the order is decided, and how."""

    PENDING = "pending"
    SOLD = "sold"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Line(NamedTuple):
    """`quantity` units of `sku` from `location`; no two lines of an order name the same place."""

    sku: str
    location: str
    quantity: int


class LineAnswer(NamedTuple):
    """What a line got: units that are `held` for it or, of the last line, `sold` at once; or none for a `reason`."""

    held: int
    reason: str | None = None
    message: str | None = None
    sold: int = 0

    @property
    def units(self) -> int:
        """What it got, either way."""
        return self.held + self.sold

    @property
    def is_final(self) -> bool:
        """Whether a rule has refused it, for good. What could not be processed may still be, by a replay."""
        return self.reason in _RULED


class Order(NamedTuple):
    """One order after `version` events.

    The first lines have their `answers`. While it is pending, the next line is
    being reserved, and some behind it may be, of which it will hear together.
    The last one is not reserved but sold, which decides the order.
    """

    version: int
    command_id: UUID
    user: str
    reason: str | None
    lines: tuple[Line, ...]
    allow_partial: bool
    deadline: datetime
    reply_tos: tuple[str | None, ...]
    """Who asked, and is told: each address once."""
    answers: tuple[LineAnswer, ...] = ()
    status: OrderStatus = OrderStatus.PENDING

    @property
    def awaited(self) -> int | None:
        """The line, from 1, whose reservation has yet to be answered."""
        return len(self.answers) + 1 if self.status is OrderStatus.PENDING else None

    @property
    def refused_line(self) -> int | None:
        """The first line, from 1, that got nothing."""
        return next((number for number, answer in enumerate(self.answers, 1) if not answer.units), None)

    @property
    def is_sale_open(self) -> bool:
        """Whether its last line may be sold yet, as far as it has heard: no rule has refused what that takes.

        Who decides the order then, otherwise than by that sale, must see to it that it never happens.
        """
        last = self.answers[len(self.lines) - 1 :]
        needed = last if self.allow_partial else self.answers
        return not any(answer.is_final for answer in needed) and not any(answer.sold for answer in last)

    def at_version(self, version: int) -> "Order":
        """Return the same order, as of a later event that says nothing about it."""
        return self._replace(version=version)

    def is_due(self, now: datetime) -> bool:
        """Return whether its time is up: at the deadline and after."""
        return now >= self.deadline
