"""What a command about a SKU asks of the domain, and what of it stands in answers."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import schemas
from worker import domain


def domain_command(command: schemas.StockCommand) -> domain.Command:
    """Return what the sender asks for, in the domain's terms."""
    return COMMANDS[command.type](command)


def _adjustment(command: schemas.Adjust) -> domain.SetStock | domain.ChangeStock:
    if command.set_to is not None:
        return domain.SetStock(command.location, command.set_to)
    assert command.difference is not None  # noqa: S101 - the model has made sure of it
    return domain.ChangeStock(command.location, command.difference)


def _seconds(expires_in: int | None) -> timedelta | None:
    return None if expires_in is None else timedelta(seconds=expires_in)


COMMANDS: Mapping[str, Callable[[Any], domain.Command]] = {
    "purchase": lambda command: domain.Purchase(command.location, command.quantity),
    "restock": lambda command: domain.Restock(command.location, command.quantity),
    "adjust": _adjustment,
    "reserve": lambda command: domain.Reserve(
        command.location, command.reservation_id, command.quantity, _seconds(command.expires_in)
    ),
    "extend": lambda command: domain.Extend(
        command.location, command.reservation_id, timedelta(seconds=command.expires_in)
    ),
    "release": lambda command: domain.Release(command.location, command.reservation_id, command.quantity),
    "fulfil": lambda command: domain.Fulfil(command.location, command.reservation_id, command.quantity),
    "expire": lambda command: domain.Expire(command.location, command.reservation_id, command.expires_at),
    "reserve_line": lambda command: domain.ReserveLine(
        command.location, command.reservation_id, command.quantity, command.allow_partial, command.not_after
    ),
    "sell_line": lambda command: domain.SellLine(
        command.location, command.quantity, command.allow_partial, command.not_after
    ),
    "release_line": lambda command: domain.Release(command.location, command.reservation_id, None),
    "fulfil_line": lambda command: domain.Fulfil(command.location, command.reservation_id, None),
    "transfer": lambda command: domain.Transfer(command.location, command.to_location, command.quantity),
}
"""Every command about one SKU, by its type."""


def quantity_told(command: schemas.StockCommand, decision: domain.Event | domain.Refusal) -> int | None:
    """Return the units that an answer names: those the command asked for, else those the event moved."""
    if isinstance(decision, domain.StockReserved | domain.StockRemoved):
        return decision.quantity  # of an order's line, less may be had than was asked for
    if command.quantity is not None or isinstance(decision, domain.Refusal | domain.ReservationExtended):
        return command.quantity
    return decision.difference if isinstance(decision, domain.StockAdjusted) else decision.quantity


def to_location_of(command: schemas.StockCommand) -> str | None:
    """Return where the units go that stay in the house."""
    return _own_field(command, "to_location")


def reservation_id_of(command: schemas.StockCommand) -> str | None:
    """Return the reservation that `command` is about."""
    return _own_field(command, "reservation_id")


def _own_field(command: schemas.StockCommand, name: str) -> str | None:
    # Asked several times per command: `isinstance` of a pydantic model costs ten times as much.
    field: str | None = vars(command).get(name)
    return field
