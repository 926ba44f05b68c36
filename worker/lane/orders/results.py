"""What is answered about an order."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from schemas.reasons import Reason
from schemas.results import LineResult, OrderResult, Outcome
from worker.domain import Refusal
from worker.domain.orders import Line, LineAnswer, Order, OrderStatus, Step, completed
from worker.lane.decoding import OrderRequest
from worker.lane.orders.errands import COMMAND_TYPES

_NOTHING = LineAnswer(0)


def command_result(
    request: OrderRequest, order: Order | None, refusal: Refusal | None, number: Mapping[str, int], now: datetime
) -> OrderResult:
    """Return the answer to a command that is decided at once; `number` is its partition and sequence."""
    command = request.command
    return OrderResult(
        command_id=command.command_id,
        outcome=Outcome.APPLIED if refusal is None else Outcome.REJECTED,
        type=command.type,
        sku=None,
        location=None,
        quantity=None,
        reason=None if refusal is None else Reason(refusal.reason.value),
        message=None if refusal is None else refusal.message,
        version=None if order is None else order.version,
        **number,
        user=request.user,
        committed_at=now,
        order_id=command.order_id,
    )


def forestalled_result(
    order_id: str, order: Order, command_id: UUID, number: Mapping[str, int], now: datetime
) -> OrderResult:
    """Return the answer by which the last line of an order, which is decided, is never sold any more."""
    refusal = completed(order.status)
    return OrderResult(
        command_id=command_id,
        outcome=Outcome.REJECTED,
        type=COMMAND_TYPES[Step.SELL],
        sku=None,
        location=None,
        quantity=None,
        reason=Reason(refusal.reason.value),
        message=refusal.message,
        version=order.version,
        **number,
        user=order.user,
        committed_at=now,
        order_id=order_id,
    )


def order_result(order_id: str, order: Order, number: Mapping[str, int], now: datetime) -> OrderResult:
    """Return the answer to the command that placed the order, which is decided; `number` is partition and sequence."""
    reason, message = _why(order)
    return OrderResult(
        command_id=order.command_id,
        outcome=Outcome.APPLIED if order.status is OrderStatus.SOLD else Outcome.REJECTED,
        type="place_order",
        sku=None,
        location=None,
        quantity=None,
        reason=reason,
        message=message,
        version=order.version,
        **number,
        user=order.user,
        committed_at=now,
        expires_at=order.deadline,
        order_id=order_id,
        lines=tuple(
            _line_result(line, answer, sold=order.status is OrderStatus.SOLD)
            for line, answer in zip(order.lines, _padded(order), strict=True)
        ),
    )


def _padded(order: Order) -> tuple[LineAnswer, ...]:
    return order.answers + (_NOTHING,) * (len(order.lines) - len(order.answers))


def _line_result(line: Line, answer: LineAnswer, *, sold: bool) -> LineResult:
    reason, message = None if answer.reason is None else Reason(answer.reason), answer.message
    if 0 < answer.units < line.quantity:
        reason = Reason.INSUFFICIENT_STOCK
        message = f"{line.quantity} wanted at {line.location}, {answer.units} available"
    return LineResult(
        sku=line.sku,
        location=line.location,
        quantity=line.quantity,
        sold=answer.units if sold else 0,
        reason=reason,
        message=message,
    )


def _why(order: Order) -> tuple[Reason | None, str | None]:
    if order.status is OrderStatus.CANCELLED:
        return Reason.ORDER_CANCELLED, "the order was cancelled before it was decided"
    if order.status is OrderStatus.EXPIRED:
        return Reason.ORDER_EXPIRED, f"the order was due at {order.deadline}{_not_heard_of(order)}"
    number = order.refused_line
    if order.status is OrderStatus.SOLD or number is None:
        return None, None
    answer = order.answers[number - 1]
    return Reason(answer.reason or Reason.FAILED), f"{_line_told(order, number)}: {answer.message}"


def _not_heard_of(order: Order) -> str:
    next_line = len(order.answers) + 1
    return f", and had not heard of {_line_told(order, next_line)}" if next_line <= len(order.lines) else ""


def _line_told(order: Order, number: int) -> str:
    line = order.lines[number - 1]
    return f"line {number} of {len(order.lines)}, {line.sku} at {line.location}"
