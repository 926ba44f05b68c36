"""`order-publisher purchase` and `restock`: one command, and its answer."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
import uvloop

from publisher.client import DEFAULT_TIMEOUT_SECONDS
from publisher.command_building import CommandOptions, build_command
from publisher.command_line.exit_codes import exit_code_of
from publisher.command_line.failures import explained
from publisher.command_line.options import (
    DEFAULT_AMQP_URL,
    AmqpUrl,
    AsJson,
    Partitions,
    TimeoutSeconds,
    client_of,
)
from publisher.command_line.tables import result_table, show
from schemas.commands import DEFAULT_LOCATION, Command
from schemas.partitions import DEFAULT_PARTITION_COUNT
from schemas.results import Result, encode_result

_Sku = Annotated[str, typer.Argument(metavar="SKU", show_default=False)]
_Quantity = Annotated[int, typer.Argument(metavar="QUANTITY", help="Units, at least 1", show_default=False)]
_User = Annotated[str, typer.Option(envvar="ORDERS_USER", metavar="NAME", help="Whom the audit names")]
_Location = Annotated[str, typer.Option(metavar="NAME", help="Where the stock is")]
_OrderId = Annotated[str | None, typer.Option(metavar="TEXT", help="Your own order number")]
_Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for the audit")]
_CommandId = Annotated[
    UUID | None,
    typer.Option(metavar="UUID", help="Give the same one again to get the stored answer, and no second effect"),
]


def ordering_verb(kind: str) -> Callable[..., None]:
    """Return the verb that sends one command of type `kind`."""

    def verb(
        sku: _Sku,
        quantity: _Quantity,
        user: _User,
        location: _Location = DEFAULT_LOCATION,
        order_id: _OrderId = None,
        reason: _Reason = None,
        command_id: _CommandId = None,
        timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
        as_json: AsJson = False,
        amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
        partitions: Partitions = DEFAULT_PARTITION_COUNT,
    ) -> None:
        options: CommandOptions = {
            "user": user,
            "location": location,
            "order_id": order_id,
            "reason": reason,
            "command_id": command_id,
        }
        with explained():
            command = build_command(kind, sku, quantity, datetime.now(UTC), options)
            _report(uvloop.run(_ask(command, amqp_url, partitions, timeout_seconds)), as_json=as_json)

    return verb


async def _ask(command: Command, amqp_url: str, partitions: int, timeout_seconds: float) -> Result:
    async with client_of(amqp_url, partitions) as client:
        return await client.request(command, timeout_seconds=timeout_seconds)


def _report(result: Result, *, as_json: bool) -> None:
    if as_json:
        typer.echo(encode_result(result))
    else:
        show(result_table(result))
    raise typer.Exit(exit_code_of(result.outcome))
