"""How an event changes an order. It asks no rule again: what happened, happened."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

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
from worker.domain.orders.order import LineAnswer, Order, OrderStatus


def evolve(order: Order | None, event: OrderEvent) -> Order:
    """Return `order` after `event`, one version later. Raises `ValueError` where it was never placed."""
    if isinstance(event, OrderPlaced):
        return Order(
            version=1,
            command_id=event.command_id,
            user=event.user,
            reason=event.reason,
            lines=event.lines,
            allow_partial=event.allow_partial,
            deadline=event.deadline,
            reply_tos=(event.reply_to,),
        )
    if order is None:
        raise ValueError(f"there is no order before {type(event).__name__}")
    return replace(EFFECTS[type(event)](order, event), version=order.version + 1)


def _reply_wanted(order: Order, event: ReplyWanted) -> Order:
    return replace(order, reply_tos=(*order.reply_tos, event.reply_to))


def _line_held(order: Order, event: LineHeld) -> Order:
    return replace(order, answers=(*order.answers, LineAnswer(event.quantity)))


def _line_refused(order: Order, event: LineRefused) -> Order:
    return replace(order, answers=(*order.answers, LineAnswer(0, event.reason, event.message)))


def _sold(order: Order, _event: OrderSold) -> Order:
    return replace(order, status=OrderStatus.SOLD)


def _refused(order: Order, _event: OrderRefused) -> Order:
    return replace(order, status=OrderStatus.REFUSED)


def _cancelled(order: Order, _event: OrderCancelled) -> Order:
    return replace(order, status=OrderStatus.CANCELLED)


def _expired(order: Order, _event: OrderExpired) -> Order:
    return replace(order, status=OrderStatus.EXPIRED)


EFFECTS: Mapping[type[OrderEvent], Callable[[Order, Any], Order]] = {
    ReplyWanted: _reply_wanted,
    LineHeld: _line_held,
    LineRefused: _line_refused,
    OrderSold: _sold,
    OrderRefused: _refused,
    OrderCancelled: _cancelled,
    OrderExpired: _expired,
}
"""The effect of every event but the first."""
