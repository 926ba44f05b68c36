"""`order-publisher reserve`, `extend`, `release` and `fulfil`: units held for somebody."""

from typing import Annotated

import typer

from publisher.client import DEFAULT_TIMEOUT_SECONDS
from publisher.command_building import CommandOptions
from publisher.command_line.asking import CommandId, Location, OrderId, Quantity, Reason, Sku, User, ask
from publisher.command_line.options import DEFAULT_AMQP_URL, AmqpUrl, AsJson, Partitions, TimeoutSeconds
from schemas.commands import DEFAULT_LOCATION
from schemas.partitions import DEFAULT_PARTITION_COUNT

_ReservationId = Annotated[
    str, typer.Argument(metavar="RESERVATION", help="Its id, of your choice", show_default=False)
]
_ExpiresIn = Annotated[int, typer.Option("--expires-in", metavar="SECONDS", help="From now, at most 30 days")]
_Part = Annotated[int | None, typer.Option("--quantity", metavar="UNITS", help="A part  [default: all that is held]")]


def reserve(
    sku: Sku,
    quantity: Quantity,
    reservation_id: _ReservationId,
    user: User,
    expires_in: Annotated[
        int | None, typer.Option("--expires-in", metavar="SECONDS", help="At most 30 days  [default: no end]")
    ] = None,
    location: Location = DEFAULT_LOCATION,
    order_id: OrderId = None,
    reason: Reason = None,
    command_id: CommandId = None,
    timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Hold units for somebody: others cannot have them; refused if fewer are available."""
    options: CommandOptions = {
        "user": user,
        "location": location,
        "order_id": order_id,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        "reserve",
        sku,
        quantity,
        options,
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
        reservation_id=reservation_id,
        expires_in=expires_in,
    )


def extend(
    sku: Sku,
    reservation_id: _ReservationId,
    expires_in: _ExpiresIn,
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
    """Let a reservation last longer, or shorter."""
    options: CommandOptions = {
        "user": user,
        "location": location,
        "order_id": order_id,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        "extend",
        sku,
        None,
        options,
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
        reservation_id=reservation_id,
        expires_in=expires_in,
    )


def release(
    sku: Sku,
    reservation_id: _ReservationId,
    user: User,
    quantity: _Part = None,
    location: Location = DEFAULT_LOCATION,
    order_id: OrderId = None,
    reason: Reason = None,
    command_id: CommandId = None,
    timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Give back what a reservation holds, or a part of it."""
    options: CommandOptions = {
        "user": user,
        "location": location,
        "order_id": order_id,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        "release",
        sku,
        quantity,
        options,
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
        reservation_id=reservation_id,
    )


def fulfil(
    sku: Sku,
    reservation_id: _ReservationId,
    user: User,
    quantity: _Part = None,
    location: Location = DEFAULT_LOCATION,
    order_id: OrderId = None,
    reason: Reason = None,
    command_id: CommandId = None,
    timeout_seconds: TimeoutSeconds = DEFAULT_TIMEOUT_SECONDS,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Sell what a reservation holds, or a part of it."""
    options: CommandOptions = {
        "user": user,
        "location": location,
        "order_id": order_id,
        "reason": reason,
        "command_id": command_id,
    }
    ask(
        "fulfil",
        sku,
        quantity,
        options,
        amqp_url=amqp_url,
        partitions=partitions,
        timeout_seconds=timeout_seconds,
        as_json=as_json,
        reservation_id=reservation_id,
    )
