"""A verb that sends one command: what all of them share, its answer, its exit code."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Annotated, Any
from uuid import UUID

import typer
import uvloop

from publisher.client import DEFAULT_TIMEOUT_SECONDS
from publisher.command_building import build_command
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
from schemas.commands import Command
from schemas.fields import DEFAULT_LOCATION
from schemas.partitions import DEFAULT_PARTITION_COUNT
from schemas.results import Result, encode_result

User = Annotated[str, typer.Option(envvar="ORDERS_USER", metavar="NAME", help="Whom the audit names")]
Location = Annotated[str, typer.Option(metavar="NAME", help="Where the stock is")]
OrderId = Annotated[str | None, typer.Option(metavar="TEXT", help="Your own order number")]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for the audit")]
CommandId = Annotated[
    UUID | None,
    typer.Option(metavar="UUID", help="Give the same one again to get the stored answer, and no second effect"),
]


def _fields_of_stock(location: Location = DEFAULT_LOCATION, order_id: OrderId = None) -> None:
    """Declare the fields that every command about one SKU may carry."""


def _fields_of_all(user: User, reason: Reason = None, command_id: CommandId = None) -> None:
    """Declare the fields that every command may carry."""


def _settings_of_all(
    timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Declare how to ask, whatever the command."""


_SETTINGS = frozenset(inspect.signature(_settings_of_all).parameters)


def asking(declaration: Callable[..., None]) -> Callable[..., None]:
    """Return the verb that sends the command `declaration` declares, prints the answer and ends with its exit code.

    The name of `declaration` is the command's type, its parameters are the
    command's own fields; where one has the name of a shared field, it replaces it.
    """
    parts: list[Callable[..., None]] = [declaration, _fields_of_all, _settings_of_all]
    if "sku" in inspect.signature(declaration).parameters:
        parts.insert(1, _fields_of_stock)
    parameters: dict[str, inspect.Parameter] = {}
    for part in parts:
        for parameter in inspect.signature(part).parameters.values():
            parameters.setdefault(parameter.name, parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(declaration)
    def verb(**given: Any) -> None:
        settings = {name: given.pop(name) for name in _SETTINGS}
        ask(lambda: build_command(declaration.__name__, datetime.now(UTC), **given), **settings)

    # What the command line is made from.
    verb.__signature__ = inspect.Signature(list(parameters.values()))  # type: ignore[attr-defined]
    verb.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    return verb


def ask(
    build: Callable[[], Command], *, amqp_url: str, partitions: int, timeout_seconds: float | None, as_json: bool
) -> None:
    """Send what `build` returns, print the answer, and end the program with its exit code, or with that of an error.

    Without a timeout, the command's own time counts.
    """
    with explained():
        command = build()
        _report(uvloop.run(_request(command, amqp_url, partitions, timeout_seconds)), as_json=as_json)


async def _request(command: Command, amqp_url: str, partitions: int, timeout_seconds: float | None) -> Result:
    async with client_of(amqp_url, partitions) as client:
        return await client.request(command, timeout_seconds=timeout_seconds)


def _report(result: Result, *, as_json: bool) -> None:
    if as_json:
        typer.echo(encode_result(result))
    else:
        show(result_table(result))
    raise typer.Exit(exit_code_of(result.outcome))
