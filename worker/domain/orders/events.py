"""What can happen to an order. Lines are numbered from 1."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from worker.domain.orders.order import Line


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


class LineHeld(NamedTuple):
    """`quantity` units are held for the line."""

    line: int
    quantity: int


class LineRefused(NamedTuple):
    """Nothing is held for the line."""

    line: int
    reason: str
    message: str | None


@dataclass(frozen=True, slots=True)
class OrderSold:
    """What is held is sold."""


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """A line could not be had, or none could: what is held is given back."""


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """It was given up: what is held is given back, also what is still being reserved."""


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """Its time was up: what is held is given back, also what is still being reserved."""


OrderEvent = (
    OrderPlaced | ReplyWanted | LineHeld | LineRefused | OrderSold | OrderRefused | OrderCancelled | OrderExpired
)
