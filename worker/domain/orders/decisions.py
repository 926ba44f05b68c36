"""What follows from what an order is asked, and from what it hears of its lines.

The time of the decision alone says whether an order is late: one whose last
answer comes at its deadline is expired, not sold.
"""

from datetime import datetime

from worker.domain.orders.events import (
    LinesAnswered,
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


def hear(order: Order, heard: LinesAnswered, now: datetime) -> tuple[OrderEvent, ...]:
    """Return what the answers to reservations of its lines do; nothing where the order does not wait for them."""
    if heard.line != order.awaited or heard.last_line > len(order.lines):
        return ()
    decision = _decision(order, heard, now)
    return (heard,) if decision is None else (heard, decision)


def _decision(order: Order, heard: LinesAnswered, now: datetime) -> OrderSold | OrderRefused | OrderExpired | None:
    """Return what is decided with `heard`: while `order` is pending, nothing earlier has decided it."""
    if order.is_due(now):
        return OrderExpired()
    if not order.allow_partial and not all(answer.held for answer in heard.answers):
        return OrderRefused()
    if heard.last_line < len(order.lines):
        return None
    return OrderSold() if any(answer.held for answer in (*order.answers, *heard.answers)) else OrderRefused()


def _undecided(order: Order | None) -> Refusal | None:
    if order is None:
        return Refusal(RefusalReason.UNKNOWN_ORDER, "there is no order of this id")
    if order.status is not OrderStatus.PENDING:
        return Refusal(RefusalReason.ORDER_COMPLETED, f"the order is {order.status}")
    return None
