"""What follows from what an order is asked, and from what it hears of its lines.

The sale of its last line decides an order, in the lane of that line's SKU: it
comes home as an answer, whatever has happened meanwhile. Until then the order can
be decided otherwise, and who does so keeps the last line from being sold; so
`is_sold` says whether it is, although the order has not heard of that yet.
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


def cancel(order: Order | None, *, is_sold: bool = False) -> OrderCancelled | Refusal:
    """Return what giving up `order` does."""
    return _undecided(order, is_sold=is_sold) or OrderCancelled()


def expire(order: Order | None, expires_at: datetime, *, is_sold: bool = False) -> OrderExpired | Refusal:
    """Return what the coming of `expires_at` does. It asks no clock: whoever says so has looked at one."""
    refusal = _undecided(order, is_sold=is_sold)
    if refusal is None and order is not None and order.deadline != expires_at:
        return Refusal(RefusalReason.NOT_DUE, f"the order is due at {order.deadline}")
    return refusal or OrderExpired()


def hear(order: Order, heard: LinesAnswered, now: datetime, *, is_sold: bool = False) -> OrderEvent | None:
    """Return what the answers to its lines do; None where the order does not wait for them.

    Nor where they do not tell of the sale, and there is one: what tells of it is on its way.
    """
    if heard.line != order.awaited or heard.last_line > len(order.lines):
        return None
    if heard.tells_of_sale:
        return OrderSold(heard)
    return None if is_sold else _short_of_a_sale(order, heard, now)


def _short_of_a_sale(order: Order, heard: LinesAnswered, now: datetime) -> OrderEvent:
    if order.is_due(now):
        return OrderExpired(heard)
    if not order.allow_partial and not all(answer.units for answer in heard.answers):
        return OrderRefused(heard)
    if heard.last_line < len(order.lines):
        return heard
    had_any = any(answer.units for answer in (*order.answers, *heard.answers))
    return OrderSold(heard) if had_any else OrderRefused(heard)


def _undecided(order: Order | None, *, is_sold: bool) -> Refusal | None:
    if order is None:
        return Refusal(RefusalReason.UNKNOWN_ORDER, "there is no order of this id")
    status = OrderStatus.SOLD if is_sold else order.status
    return None if status is OrderStatus.PENDING else completed(status)


def completed(status: OrderStatus) -> Refusal:
    """Return the refusal of whatever comes too late for an order that is decided, as `status`."""
    return Refusal(RefusalReason.ORDER_COMPLETED, f"the order is {status}")
