"""What an order asks of the lanes of its SKUs.

All of it follows from the order's state, and the same state asks for the same:
an errand may be run any number of times and has one effect. Nothing is asked
about a line but its reservation, until that was answered: so a release can never
come before the reservation that it is to undo.
"""

from enum import StrEnum
from typing import NamedTuple

from worker.domain.orders.events import LineHeld, LineRefused
from worker.domain.orders.order import Order, OrderStatus


class Step(StrEnum):
    """What can be asked about a line."""

    RESERVE = "reserve"
    FULFIL = "fulfil"
    RELEASE = "release"


class Errand(NamedTuple):
    """Ask for `step` about the line, from 1."""

    step: Step
    line: int


def errands(order: Order) -> list[Errand]:
    """Return what `order` waits for, or, once it is decided, what becomes of all that it knows to be held."""
    if order.awaited is not None:
        return [Errand(Step.RESERVE, order.awaited)]
    return [settling(order, line) for line, answer in enumerate(order.answers, 1) if answer.held]


def settling(order: Order, line: int) -> Errand:
    """Return what becomes of units that are held for the line, from 1, of an order that is decided."""
    sold = order.status is OrderStatus.SOLD and line <= len(order.answers) and order.answers[line - 1].held
    return Errand(Step.FULFIL if sold else Step.RELEASE, line)


def unwanted(order: Order, heard: LineHeld | LineRefused) -> Errand | None:
    """Return what gives back units that were held for the line when the order could not use them any more.

    It was decided while the line was being reserved; or the reservation had been
    given up and dead-lettered, and an operator has sent it again.
    """
    decided = order.status is not OrderStatus.PENDING and heard.line <= len(order.lines)
    errand = settling(order, heard.line) if decided and isinstance(heard, LineHeld) else None
    return errand if errand is not None and errand.step is Step.RELEASE else None
