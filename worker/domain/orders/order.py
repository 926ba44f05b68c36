"""The state of one whole order.

Named tuples: an order is made anew with each of its events, at a fifth of what that costs a frozen dataclass.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


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
    """What the reservation of a line got: `held` units, or none for a `reason`."""

    held: int
    reason: str | None = None
    message: str | None = None


class Order(NamedTuple):
    """One order after `version` events.

    The first lines have their `answers`. While it is pending, the next line is
    being reserved, and some behind it may be, of which it will hear together.
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
        return next((number for number, answer in enumerate(self.answers, 1) if not answer.held), None)

    def at_version(self, version: int) -> "Order":
        """Return the same order, as of a later event that says nothing about it."""
        return self._replace(version=version)

    def is_due(self, now: datetime) -> bool:
        """Return whether its time is up: at the deadline and after."""
        return now >= self.deadline
