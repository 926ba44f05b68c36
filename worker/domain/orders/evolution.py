"""How an event changes an order. It asks no rule again: what happened, happened."""

from collections.abc import Callable, Mapping
from typing import Any

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
    return order._replace(version=order.version + 1, **EFFECTS[type(event)](order, event))


def _heard(order: Order, heard: LinesAnswered | None) -> dict[str, Any]:
    return {} if heard is None else {"answers": (*order.answers, *heard.answers)}


EFFECTS: Mapping[type[OrderEvent], Callable[[Order, Any], dict[str, Any]]] = {
    ReplyWanted: lambda order, event: {"reply_tos": (*order.reply_tos, event.reply_to)},
    LinesAnswered: _heard,
    OrderSold: lambda order, event: {"status": OrderStatus.SOLD, **_heard(order, event.heard)},
    OrderRefused: lambda order, event: {"status": OrderStatus.REFUSED, **_heard(order, event.heard)},
    OrderCancelled: lambda _order, _event: {"status": OrderStatus.CANCELLED},
    OrderExpired: lambda order, event: {"status": OrderStatus.EXPIRED, **_heard(order, event.heard)},
}
"""What every event but the first changes of an order."""
