"""The rule of each command about a line of a whole order, in a table.

An order that is due gets nothing any more, by the time of the decision alone.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from worker.domain.commands import LineCommand, ReserveLine, SellLine
from worker.domain.events import StockRemoved, StockReserved
from worker.domain.refusals import Refusal, RefusalReason
from worker.domain.reservation import Reservation
from worker.domain.reservation_rules import taken
from worker.domain.stock import Stock
from worker.domain.stock_rules import lacking

Decision = StockReserved | StockRemoved | Refusal


def _reserve_line(stock: Stock, command: ReserveLine, now: datetime, reservation: Reservation | None) -> Decision:
    quantity = _wanted(stock, command)
    return (
        _late(command, now)
        or taken(command.reservation_id, reservation)
        or lacking(stock, command.location, quantity)
        or StockReserved(command.location, command.reservation_id, quantity, None)
    )


def _sell_line(stock: Stock, command: SellLine, now: datetime, _reservation: Reservation | None) -> Decision:
    quantity = _wanted(stock, command)
    return _late(command, now) or lacking(stock, command.location, quantity) or StockRemoved(command.location, quantity)


def _wanted(stock: Stock, command: LineCommand) -> int:
    available = stock.at(command.location).available
    return max(1, min(command.quantity, available)) if command.allow_partial else command.quantity


def _late(command: LineCommand, now: datetime) -> Refusal | None:
    if now < command.not_after:
        return None
    return Refusal(RefusalReason.ORDER_EXPIRED, f"the order was due at {command.not_after}, this was decided at {now}")


LINE_RULES: Mapping[type[LineCommand], Callable[[Stock, Any, datetime, Reservation | None], Decision]] = {
    ReserveLine: _reserve_line,
    SellLine: _sell_line,
}
