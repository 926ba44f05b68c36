"""What the twin decides: stock in a dictionary, orders in one step."""

from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

from schemas.commands import Command, StockCommand, identity
from schemas.order_commands import OrderCommand, OrderLine, PlaceOrder
from schemas.reasons import Reason
from schemas.results import LineResult, OrderResult, Outcome, Result


class Decisions:
    """Decides every command once, and gives the same answer each time."""

    def __init__(self) -> None:
        self.stock: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._orders: set[str] = set()
        self._answers: dict[UUID, tuple[bytes, Result]] = {}

    def decide(self, command: Command) -> Result:
        if command.command_id not in self._answers:
            self._answers[command.command_id] = (identity(command), self._new(command))
        known, answer = self._answers[command.command_id]
        if known != identity(command):
            return self._refused(command, Reason.CONFLICT)
        return answer

    def _new(self, command: Command) -> Result:
        if isinstance(command, PlaceOrder):
            return self._place(command)
        if isinstance(command, OrderCommand):
            return order_result(
                command, Reason.ORDER_COMPLETED if command.order_id in self._orders else Reason.UNKNOWN_ORDER
            )
        return self._move(command)

    def _refused(self, command: Command, reason: Reason) -> Result:
        if isinstance(command, OrderCommand):
            return order_result(command, reason)
        return self._stock_result(command, reason)

    def _place(self, order: PlaceOrder) -> OrderResult:
        if order.order_id in self._orders:
            return order_result(order, Reason.ORDER_EXISTS)
        self._orders.add(order.order_id)
        sold = {line: min(line.quantity, self.stock[line.sku, line.location]) for line in order.lines}
        complete = all(sold[line] == line.quantity for line in order.lines)
        if not (complete or (order.allow_partial and any(sold.values()))):
            return order_result(order, Reason.INSUFFICIENT_STOCK, self._lines(order, lambda _: 0))
        lines = self._lines(order, lambda line: sold[line])
        for line, units in sold.items():
            self.stock[line.sku, line.location] -= units
        return order_result(order, None, lines)

    def _lines(self, order: PlaceOrder, sold: Callable[[OrderLine], int]) -> tuple[LineResult, ...]:
        return tuple(
            LineResult(
                sku=line.sku,
                location=line.location,
                quantity=line.quantity,
                sold=sold(line),
                reason=None if (had := self._has(line)) else Reason.INSUFFICIENT_STOCK,
                message=None if had else "not enough",
            )
            for line in order.lines
        )

    def _has(self, line: OrderLine) -> bool:
        return line.quantity <= self.stock[line.sku, line.location]

    def _move(self, command: StockCommand) -> Result:
        place = (command.sku, command.location)
        units = command.quantity or 0
        delta = units if command.type == "restock" else -units
        if self.stock[place] + delta < 0:
            return self._stock_result(command, Reason.INSUFFICIENT_STOCK)
        self.stock[place] += delta
        return self._stock_result(command, None)

    def _stock_result(self, command: StockCommand, reason: Reason | None) -> Result:
        on_hand = self.stock[(command.sku, command.location)]
        return Result(
            command_id=command.command_id,
            outcome=Outcome.APPLIED if reason is None else Outcome.REJECTED,
            type=command.type,
            sku=command.sku,
            location=command.location,
            quantity=command.quantity,
            reason=reason,
            message=None if reason is None else f"refused: {reason}",
            on_hand=on_hand,
            reserved=0,
            available=on_hand,
            user=command.user,
        )


def order_result(command: OrderCommand, reason: Reason | None, lines: tuple[LineResult, ...] = ()) -> OrderResult:
    """Return the answer to a command about a whole order; it is applied where there is no `reason`."""
    return OrderResult(
        command_id=command.command_id,
        outcome=Outcome.APPLIED if reason is None else Outcome.REJECTED,
        type=command.type,
        sku=None,
        location=None,
        quantity=None,
        reason=reason,
        message=None if reason is None else f"refused: {reason}",
        user=command.user,
        order_id=command.order_id,
        lines=lines,
    )
