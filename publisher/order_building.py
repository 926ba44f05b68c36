"""The command that places an order, from a caller's arguments."""

from collections.abc import Iterable
from datetime import datetime

from publisher.command_building import Field, build_command
from publisher.derived_ids import placing_id
from publisher.errors import InvalidInput
from schemas.order_commands import OrderLine, PlaceOrder

Line = OrderLine | tuple[str, int] | tuple[str, int, str]
"""`(sku, quantity)`, `(sku, quantity, location)`, or an `OrderLine`."""

_FIELDS = ("sku", "quantity", "location")
_REQUIRED_FIELDS = 2


def build_order(order_id: str, lines: Iterable[Line], issued_at: datetime, **fields: Field) -> PlaceOrder:
    """Return the command that places the order; what is None of its other `fields` counts as left out.

    Its command id is derived from the order id, unless one is given. Raises
    `InvalidInput`, naming each wrong field.
    """
    if fields.get("command_id") is None:
        fields["command_id"] = placing_id(str(order_id))
    command = build_command("place_order", issued_at, order_id=order_id, lines=_order_lines(lines), **fields)
    assert isinstance(command, PlaceOrder)  # noqa: S101
    return command


def _order_lines(lines: Iterable[Line]) -> tuple[object, ...]:
    return tuple(_line_fields(position, line) for position, line in enumerate(lines))


def _line_fields(position: int, line: object) -> object:
    if isinstance(line, OrderLine):
        return line
    if not isinstance(line, tuple) or not _REQUIRED_FIELDS <= len(line) <= len(_FIELDS):
        raise InvalidInput(f"lines.{position}: must be (sku, quantity) or (sku, quantity, location) (got {line!a})")
    return dict(zip(_FIELDS, line, strict=False))
