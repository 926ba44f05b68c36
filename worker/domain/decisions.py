"""What follows from a command: one event, or a refusal."""

from datetime import datetime

from worker.domain.commands import Command, LineCommand, StockCommand
from worker.domain.events import Event
from worker.domain.line_rules import LINE_RULES
from worker.domain.refusals import Refusal
from worker.domain.reservation import Reservation
from worker.domain.reservation_rules import RESERVATION_RULES
from worker.domain.stock import Stock
from worker.domain.stock_rules import STOCK_RULES


def decide(stock: Stock, command: Command, now: datetime, reservation: Reservation | None = None) -> Event | Refusal:
    """Return what `command` does to `stock`, decided at `now`.

    `reservation` is the one of this SKU that the command names, None where there never was one.
    """
    if isinstance(command, StockCommand):
        return STOCK_RULES[type(command)](stock, command)
    if isinstance(command, LineCommand):
        return LINE_RULES[type(command)](stock, command, now, reservation)
    return RESERVATION_RULES[type(command)](stock, command, now, reservation)
