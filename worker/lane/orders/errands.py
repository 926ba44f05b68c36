"""What an order asks of its lines, as commands to the lanes of their SKUs.

The same errand is the same command whoever makes it, and whenever: its id is
made of the order, the line and the step. Of many copies one takes effect.
"""

from collections.abc import Mapping
from hashlib import sha1
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json

from schemas.texts import ORDER_PREFIX
from worker.domain.orders import Errand, Order, Step, errands

_NAMESPACE = UUID("0c9c1d8a-52b5-5f0f-9a53-2f3a8d4b7e61").bytes
_SEPARATOR = "\x1f"

LEG_LIMIT_LINES = 8
"""Lines that are reserved before their order hears of the first. All that are still to come travel along, so the bytes
on the way of a leg grow with the square of its length."""

COMMAND_TYPES: Mapping[Step, str] = {
    Step.RESERVE: "reserve_line",
    Step.SELL: "sell_line",
    Step.FULFIL: "fulfil_line",
    Step.RELEASE: "release_line",
}
"""What each step is asked by."""

_TAKING = frozenset({Step.RESERVE, Step.SELL})


class LineCommandOut(NamedTuple):
    """A command about one line of an order, as it travels; for the lane of `sku`."""

    sku: str
    body: bytes


def commands_of(aggregate_id: str, order: Order) -> list[LineCommandOut]:
    """Return all that the order asks for at this state. It is understood only where a worker sends it, in a bundle."""
    return [command_of(aggregate_id, order, errand) for errand in errands(order)]


def command_of(aggregate_id: str, order: Order, errand: Errand) -> LineCommandOut:
    """Return one errand of the order."""
    # Written without its model, which would validate what was validated when the order was placed.
    fields = fields_of(aggregate_id, order, errand)
    if errand.step is Step.RESERVE:
        end = errand.line - 1 + LEG_LIMIT_LINES
        fields |= {"then": order.lines[errand.line : end], "sells": end >= len(order.lines)}
    return LineCommandOut(fields["sku"], to_json(fields))


def fields_of(aggregate_id: str, order: Order, errand: Errand) -> dict[str, Any]:
    """Return the fields of the command that asks for the errand, without what is on a leg with it."""
    line = order.lines[errand.line - 1]
    fields: dict[str, Any] = {
        "type": COMMAND_TYPES[errand.step],
        "command_id": line_command_id(aggregate_id, errand.line, errand.step),
        "sku": line.sku,
        "location": line.location,
        "reservation_id": hold_id(aggregate_id, errand.line),
        "order_id": aggregate_id.removeprefix(ORDER_PREFIX),
        "user": order.user,
        "reason": order.reason,
    }
    if errand.step in _TAKING:
        fields |= {"quantity": line.quantity, "allow_partial": order.allow_partial, "not_after": order.deadline}
    return fields


def line_command_id(aggregate_id: str, line: int, step: Step) -> str:
    """Return the id of the command that asks for `step` about the line, from 1: a UUID5, as it is written."""
    # `uuid5` and writing what it returns cost three times as much, at three ids for each line.
    name = _SEPARATOR.join((aggregate_id, str(line), step)).encode()
    digits = sha1(_NAMESPACE + name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def hold_id(aggregate_id: str, line: int) -> str:
    """Return the reservation id of what is held for the line."""
    return f"{aggregate_id}#{line}"


def held_for(reservation_id: str) -> tuple[str, int]:
    """Return the order and the line, from 1, that `hold_id` made the id of. Raises `ValueError`."""
    aggregate_id, _, line = reservation_id.rpartition("#")
    return aggregate_id, int(line)
