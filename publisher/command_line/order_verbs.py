"""The verbs about whole orders: order, cancel-order."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, to_json

from publisher.command_line.asking import Reason, ask, asking
from publisher.command_line.options import DEFAULT_AMQP_URL, AmqpUrl, AsJson, Partitions
from publisher.command_line.order_reading import fields_of
from publisher.derived_ids import placing_id
from publisher.errors import InvalidInput
from schemas.commands import Command, parse_command
from schemas.explanations import explain
from schemas.order_commands import DEFAULT_ORDER_EXPIRES_IN_SECONDS, PlaceOrder
from schemas.partitions import DEFAULT_PARTITION_COUNT

PLACE_ORDER = "place_order"


def order(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", show_default=False)] = None,
    line: Annotated[
        list[str] | None, typer.Option(metavar="SKU:UNITS[@LOCATION]", help="A line; give it several times")
    ] = None,
    order_id: Annotated[str | None, typer.Option(metavar="TEXT", help="Its id, of this order for ever")] = None,
    user: Annotated[str | None, typer.Option(envvar="ORDERS_USER", metavar="NAME", help="Whom the audit names")] = None,
    allow_partial: Annotated[bool, typer.Option("--allow-partial", help="Sell what can be had")] = False,
    expires_in: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS",
            help=f"Refuse it if it is undecided by then, 1 to 3600  [default: {DEFAULT_ORDER_EXPIRES_IN_SECONDS}]",
        ),
    ] = None,
    reason: Reason = None,
    command_id: Annotated[
        UUID | None, typer.Option(metavar="UUID", help="[default: derived from the order's id]")
    ] = None,
    timeout_seconds: Annotated[
        float | None,
        typer.Option(
            envvar="ORDERS_TIMEOUT_SECONDS",
            metavar="SECONDS",
            min=0.001,
            help="How long to wait  [default: 15 s beyond --expires-in]",
        ),
    ] = None,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Sell all lines of an order, or none.

    The lines come from options, or from FILE (- is the standard input): CSV rows
    of SKU, units and perhaps a location, or the whole command as JSON, as on the
    wire; what options say replaces what it says. The same order again gets the
    stored answer. A sale in part is a sale: it ends with 0.
    """
    options = {
        "order_id": order_id,
        "user": user,
        "allow_partial": allow_partial or None,
        "expires_in": expires_in,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        lambda: _placing(fields_of(file, line or []), options),
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
    )


@asking
def cancel_order(order_id: Annotated[str, typer.Argument(metavar="ORDER", show_default=False)]) -> None:
    """Give an order up, if it is not decided yet."""


ORDER_VERBS = (order, cancel_order)


def _placing(fields: dict[str, Any], options: dict[str, Any]) -> Command:
    given = {name: value for name, value in options.items() if value is not None}
    fields = {"type": PLACE_ORDER, "issued_at": datetime.now(UTC), **fields, **given}
    fields.setdefault("command_id", placing_id(str(fields.get("order_id"))))
    try:
        command = parse_command(to_json(fields))
    except ValidationError as error:
        raise InvalidInput(explain(error)) from error
    except PydanticSerializationError as error:
        raise InvalidInput(f"an option is not text in UTF-8: {error}") from error
    if not isinstance(command, PlaceOrder):
        raise InvalidInput(f"type: must be {PLACE_ORDER} (got {command.type})")
    return command
