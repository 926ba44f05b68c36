"""What follows from what an order is asked, and from what it hears of its lines.

The time of the decision alone says whether an order is late: one whose last
answer comes at its deadline is expired, not sold.
"""

from datetime import datetime

from worker.domain.orders.events import (
    LineHeld,
    LineRefused,
    OrderCancelled,
    OrderEvent,
    OrderExpired,
    OrderPlaced,
    OrderRefused,
    OrderSold,
    ReplyWanted,
)
from worker.domain.orders.order import Order, OrderStatus
from worker.domain.refusals import Refusal, RefusalReason


def place(order: Order | None, placed: OrderPlaced) -> OrderPlaced | Refusal:
    """Return what placing an order does; `order` is the one that has its id."""
    if order is None:
        return placed
    return Refusal(RefusalReason.ORDER_EXISTS, f"an order of this id was placed by another command, {order.command_id}")


def place_again(order: Order, reply_to: str | None) -> ReplyWanted | None:
    """Return what the same command does once more, before there is an answer: whoever asks is told, once."""
    return None if reply_to in order.reply_tos else ReplyWanted(reply_to)


def cancel(order: Order | None) -> OrderCancelled | Refusal:
    """Return what giving up `order` does."""
    return _undecided(order) or OrderCancelled()


def expire(order: Order | None, expires_at: datetime) -> OrderExpired | Refusal:
    """Return what the coming of `expires_at` does. It asks no clock: whoever says so has looked at one."""
    refusal = _undecided(order)
    if refusal is None and order is not None and order.deadline != expires_at:
        return Refusal(RefusalReason.NOT_DUE, f"the order is due at {order.deadline}")
    return refusal or OrderExpired()


def hear(order: Order, answer: LineHeld | LineRefused, now: datetime) -> tuple[OrderEvent, ...]:
    """Return what the answer to the reservation of a line does; nothing where the order does not wait for it."""
    if answer.line != order.awaited:
        return ()
    decision = _decision(order, answer, now)
    return (answer,) if decision is None else (answer, decision)


def _decision(
    order: Order, answer: LineHeld | LineRefused, now: datetime
) -> OrderSold | OrderRefused | OrderExpired | None:
    """Return what is decided with `answer`: while `order` is pending, no earlier one has decided it."""
    held = isinstance(answer, LineHeld)
    if order.is_due(now):
        return OrderExpired()
    if not held and not order.allow_partial:
        return OrderRefused()
    if answer.line < len(order.lines):
        return None
    return OrderSold() if held or any(earlier.held for earlier in order.answers) else OrderRefused()


def _undecided(order: Order | None) -> Refusal | None:
    if order is None:
        return Refusal(RefusalReason.UNKNOWN_ORDER, "there is no order of this id")
    if order.status is not OrderStatus.PENDING:
        return Refusal(RefusalReason.ORDER_COMPLETED, f"the order is {order.status}")
    return None
