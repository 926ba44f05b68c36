"""What an order that was left alone is sent, and what is asked for it."""

from datetime import datetime
from uuid import UUID, uuid5

from schemas.order_commands import ExpireOrder
from schemas.texts import ORDER_PREFIX
from worker.domain.orders import Order, settling
from worker.event_store import LeftHold, OrderRecord
from worker.expiry.expiring import EXPIRY_USER
from worker.lane.orders.codec import stored_order
from worker.lane.orders.errands import LineCommandOut, command_of, commands_of, held_for

_NAMESPACE = UUID("6d1e8c1b-8f59-5a5e-9f6b-1b8f6f1f0a57")
_SEPARATOR = "\x1f"


def errands_of(record: OrderRecord, now: datetime) -> list[LineCommandOut | ExpireOrder]:
    """Return what brings a pending order on: its end where it is due, else what it asks for, once more."""
    order = stored_order(record)
    if order is None:
        return []
    if order.is_due(now):
        return [_expire_command(record.aggregate_id, order)]
    return [*commands_of(record.aggregate_id, order)]


def settling_errand(hold: LeftHold) -> LineCommandOut | None:
    """Return what ends a hold of an order that is decided; None where it names no line of the order."""
    order = stored_order(hold.order)
    aggregate_id, line = held_for(hold.reservation_id)
    if order is None or not 1 <= line <= len(order.lines):
        return None
    return command_of(aggregate_id, order, settling(order, line))


def _expire_command(aggregate_id: str, order: Order) -> ExpireOrder:
    """Return the command that ends the order: the same one whoever makes it, so that of many copies one counts."""
    name = _SEPARATOR.join((aggregate_id, order.deadline.isoformat()))
    return ExpireOrder(
        command_id=uuid5(_NAMESPACE, name),
        order_id=aggregate_id.removeprefix(ORDER_PREFIX),
        user=EXPIRY_USER,
        expires_at=order.deadline,
        issued_at=order.deadline,
    )
