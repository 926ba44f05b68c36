"""What an order asks of the lanes of its SKUs.

All of it follows from the order's state, and the same state asks for the same:
an errand may be run any number of times and has one effect. Nothing is asked
about a line but its reservation, until that was answered: so a release can never
come before the reservation that it is to undo. Who is asked to reserve a line
may go on to the lines behind it before the order hears of the first. The last
line is sold without being held: nothing is left to be waited for.
"""

from enum import StrEnum
from typing import NamedTuple

from worker.domain.orders.events import LinesAnswered
from worker.domain.orders.order import Order, OrderStatus


class Step(StrEnum):
    """What can be asked about a line."""

    RESERVE = "reserve"
    SELL = "sell"
    FULFIL = "fulfil"
    RELEASE = "release"


class Errand(NamedTuple):
    """Ask for `step` about the line, from 1."""

    step: Step
    line: int


def errands(order: Order) -> list[Errand]:
    """Return what `order` waits for, or, once it is decided, what becomes of all that it knows to be held."""
    if order.awaited is not None:
        return [Errand(Step.RESERVE if order.awaited < len(order.lines) else Step.SELL, order.awaited)]
    return [settling(order, line) for line, answer in enumerate(order.answers, 1) if answer.held]


def settling(order: Order, line: int) -> Errand:
    """Return what becomes of units that are held for the line, from 1, of an order that is decided."""
    sold = order.status is OrderStatus.SOLD and line <= len(order.answers) and order.answers[line - 1].held
    return Errand(Step.FULFIL if sold else Step.RELEASE, line)


def unwanted(order: Order, heard: LinesAnswered) -> list[Errand]:
    """Return what gives back units that were held for lines when the order could not use them any more.

    It was decided while they were being reserved; or a reservation had been
    given up and dead-lettered, and an operator has sent it again.
    """
    if order.status is OrderStatus.PENDING:
        return []
    held = [number for number, answer in enumerate(heard.answers, heard.line) if answer.held]
    errands_due = [settling(order, number) for number in held if number <= len(order.lines)]
    return [errand for errand in errands_due if errand.step is Step.RELEASE]
