"""What every verb that sends one command shares: its options, and its answer."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
import uvloop

from publisher.command_building import CommandOptions, Detail, build_command
from publisher.command_line.exit_codes import exit_code_of
from publisher.command_line.failures import explained
from publisher.command_line.options import client_of
from publisher.command_line.tables import result_table, show
from schemas.commands import Command
from schemas.results import Result, encode_result

Sku = Annotated[str, typer.Argument(metavar="SKU", show_default=False)]
Quantity = Annotated[int, typer.Argument(metavar="QUANTITY", help="Units, at least 1", show_default=False)]
User = Annotated[str, typer.Option(envvar="ORDERS_USER", metavar="NAME", help="Whom the audit names")]
Location = Annotated[str, typer.Option(metavar="NAME", help="Where the stock is")]
OrderId = Annotated[str | None, typer.Option(metavar="TEXT", help="Your own order number")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for the audit")]
CommandId = Annotated[
    UUID | None,
    typer.Option(metavar="UUID", help="Give the same one again to get the stored answer, and no second effect"),
]


def ask(
    kind: str,
    sku: str,
    quantity: int | None,
    options: CommandOptions,
    *,
    amqp_url: str,
    partitions: int,
    timeout_seconds: float,
    as_json: bool,
    **details: Detail,
) -> None:
    """Send one command, print its answer and end with the exit code that tells the outcome."""
    with explained():
        command = build_command(kind, sku, quantity, datetime.now(UTC), options, **details)
        _report(uvloop.run(_request(command, amqp_url, partitions, timeout_seconds)), as_json=as_json)


async def _request(command: Command, amqp_url: str, partitions: int, timeout_seconds: float) -> Result:
    async with client_of(amqp_url, partitions) as client:
        return await client.request(command, timeout_seconds=timeout_seconds)


def _report(result: Result, *, as_json: bool) -> None:
    if as_json:
        typer.echo(encode_result(result))
    else:
        show(result_table(result))
    raise typer.Exit(exit_code_of(result.outcome))
