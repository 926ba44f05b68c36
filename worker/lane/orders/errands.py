"""What an order asks of its lines, as commands to the lanes of their SKUs.

The same errand is the same command whoever makes it, and whenever: its id is
made of the order, the line and the step. Of many copies one takes effect.
"""

from typing import Any
from uuid import UUID, uuid5

import schemas
from schemas.partitions import order_reply_to
from schemas.texts import ORDER_PREFIX
from worker.domain.orders import Errand, Order, Step, errands
from worker.lane.ports import LineCommandOut

_NAMESPACE = UUID("0c9c1d8a-52b5-5f0f-9a53-2f3a8d4b7e61")
_SEPARATOR = "\x1f"


def commands_of(aggregate_id: str, order: Order, partition: int) -> list[LineCommandOut]:
    """Return all that the order, of `partition`, asks for at this state."""
    return [command_of(aggregate_id, order, errand, partition) for errand in errands(order)]


def command_of(aggregate_id: str, order: Order, errand: Errand, partition: int) -> LineCommandOut:
    """Return one errand of the order; a reservation is answered to the orders of `partition`."""
    line = order.lines[errand.line - 1]
    fields: dict[str, Any] = {
        "command_id": line_command_id(aggregate_id, errand.line, errand.step),
        "sku": line.sku,
        "location": line.location,
        "reservation_id": hold_id(aggregate_id, errand.line),
        "order_id": aggregate_id.removeprefix(ORDER_PREFIX),
        "user": order.user,
        "reason": order.reason,
    }
    if errand.step is Step.FULFIL:
        return LineCommandOut(schemas.FulfilLine(**fields), None)
    if errand.step is Step.RELEASE:
        return LineCommandOut(schemas.ReleaseLine(**fields), None)
    reserve = schemas.ReserveLine(
        **fields, quantity=line.quantity, allow_partial=order.allow_partial, not_after=order.deadline
    )
    return LineCommandOut(reserve, order_reply_to(partition))


def line_command_id(aggregate_id: str, line: int, step: Step) -> UUID:
    """Return the id of the command that asks for `step` about the line, from 1."""
    return uuid5(_NAMESPACE, _SEPARATOR.join((aggregate_id, str(line), step)))


def hold_id(aggregate_id: str, line: int) -> str:
    """Return the reservation id of what is held for the line."""
    return f"{aggregate_id}#{line}"


def held_for(reservation_id: str) -> tuple[str, int]:
    """Return the order and the line, from 1, that `hold_id` made the id of. Raises `ValueError`."""
    aggregate_id, _, line = reservation_id.rpartition("#")
    return aggregate_id, int(line)
