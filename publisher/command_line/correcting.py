"""`order-publisher adjust` and `transfer`: what is in the house, and where."""

from typing import Annotated

import typer

from publisher.client import DEFAULT_TIMEOUT_SECONDS
from publisher.command_building import CommandOptions
from publisher.command_line.asking import CommandId, Location, OrderId, Quantity, Reason, Sku, User, ask
from publisher.command_line.options import DEFAULT_AMQP_URL, AmqpUrl, AsJson, Partitions, TimeoutSeconds
from schemas.commands import DEFAULT_LOCATION
from schemas.partitions import DEFAULT_PARTITION_COUNT


def adjust(
    sku: Sku,
    user: User,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the audit")],
    set_to: Annotated[int | None, typer.Option(metavar="UNITS", help="What was counted")] = None,
    difference: Annotated[int | None, typer.Option(metavar="UNITS", help="Up, or with a minus sign down")] = None,
    location: Location = DEFAULT_LOCATION,
    order_id: OrderId = None,
    command_id: CommandId = None,
    timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Correct what is on hand: say either what was counted, or the difference."""
    options: CommandOptions = {
        "user": user,
        "location": location,
        "order_id": order_id,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        "adjust",
        sku,
        None,
        options,
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
        set_to=set_to,
        difference=difference,
    )


def transfer(
    sku: Sku,
    quantity: Quantity,
    to_location: Annotated[str, typer.Option("--to", metavar="NAME", help="Where the units go")],
    user: User,
    location: Location = DEFAULT_LOCATION,
    order_id: OrderId = None,
    reason: Reason = None,
    command_id: CommandId = None,
    timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Move units of a SKU to another location; refused if fewer are available."""
    options: CommandOptions = {
        "user": user,
        "location": location,
        "order_id": order_id,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        "transfer",
        sku,
        quantity,
        options,
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
        to_location=to_location,
    )
