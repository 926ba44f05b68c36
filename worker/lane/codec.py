"""Between the domain's values and what is stored or sent: commands in, events out and in.

An event is stored under the name of its class; its data names a location `item_id`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import to_json

import schemas
from worker import domain
from worker.event_store import AggregateRecord, EventRecord, ReservationName, ReservationRow


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


def event_type(event: domain.Event) -> str:
    """Return the name under which `event` is stored."""
    return type(event).__name__


def event_data(event: domain.Event) -> str:
    """Return the JSON that is stored for `event`; an item is a location."""
    return to_json(DATA[type(event)](event)).decode()


_Part = domain.StockReserved | domain.ReservationReleased | domain.ReservationFulfilled | domain.ReservationExpired


def _part(event: _Part) -> dict[str, Any]:
    return {"item_id": event.location, "reservation_id": event.reservation_id, "quantity": event.quantity}


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


DATA: Mapping[type[domain.Event], Callable[[Any], dict[str, Any]]] = {
    domain.StockAdded: lambda event: {"item_id": event.location, "quantity": event.quantity},
    domain.StockRemoved: lambda event: {"item_id": event.location, "quantity": event.quantity},
    domain.StockAdjusted: lambda event: {"item_id": event.location, "difference": event.difference},
    domain.StockTransferred: lambda event: {
        "item_id": event.location,
        "to_item_id": event.to_location,
        "quantity": event.quantity,
    },
    domain.StockReserved: lambda event: {**_part(event), "expires_at": _written(event.expires_at)},
    domain.ReservationExtended: lambda event: {
        "item_id": event.location,
        "reservation_id": event.reservation_id,
        "expires_at": _written(event.expires_at),
    },
    domain.ReservationReleased: _part,
    domain.ReservationFulfilled: _part,
    domain.ReservationExpired: _part,
}
"""Every event as it is stored."""


def stored_event(record: EventRecord) -> domain.Event | None:
    """Return the event that `record` holds, or None where it says nothing about stock.

    Programs may append events of their own types to an aggregate, or of ours without
    an item and a positive quantity; they count as versions. Raises `ValueError` or `RecursionError`
    where the data is no JSON or names a time that cannot be read.
    """
    match record.event_type, json.loads(record.data):
        case "StockAdded", {"item_id": str(location), "quantity": int(quantity)} if _counts(quantity):
            return domain.StockAdded(location, quantity)
        case "StockRemoved", {"item_id": str(location), "quantity": int(quantity)} if _counts(quantity):
            return domain.StockRemoved(location, quantity)
        case "StockAdjusted", {"item_id": str(location), "difference": int(difference)} if type(difference) is int:
            return domain.StockAdjusted(location, difference)
        case (
            "StockTransferred",
            {"item_id": str(location), "to_item_id": str(to_location), "quantity": int(quantity)},
        ) if _counts(quantity) and location != to_location:
            return domain.StockTransferred(location, to_location, quantity)
        case kind, {"item_id": str(location), "reservation_id": str(reservation_id), **rest}:
            return _reservation_event(kind, location, reservation_id, rest)
        case _:
            return None


def _counts(quantity: int) -> bool:
    # True is an int, too, but nobody counts with it.
    return type(quantity) is int and quantity > 0


def _reservation_event(kind: str, location: str, reservation_id: str, rest: object) -> domain.Event | None:
    match kind, rest:
        case "StockReserved", {"quantity": int(quantity), "expires_at": (str() | None) as expires_at} if _counts(
            quantity
        ):
            return domain.StockReserved(
                location, reservation_id, quantity, None if expires_at is None else _read(expires_at)
            )
        case "ReservationExtended", {"expires_at": str(expires_at)}:
            return domain.ReservationExtended(location, reservation_id, _read(expires_at))
        case "ReservationReleased", {"quantity": int(quantity)} if _counts(quantity):
            return domain.ReservationReleased(location, reservation_id, quantity)
        case "ReservationFulfilled", {"quantity": int(quantity)} if _counts(quantity):
            return domain.ReservationFulfilled(location, reservation_id, quantity)
        case "ReservationExpired", {"quantity": int(quantity)} if _counts(quantity):
            return domain.ReservationExpired(location, reservation_id, quantity)
        case _:
            return None


def _read(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(f"{written} does not say its offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{written} is not in the years 1 to 9999 of UTC") from error


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


def reservation(row: ReservationRow) -> domain.Reservation:
    """Return the reservation that `row` holds."""
    return domain.Reservation(
        row.location,
        row.quantity,
        row.held,
        row.fulfilled,
        row.released,
        domain.ReservationStatus(row.status),
        None if row.expires_at is None else row.expires_at.replace(tzinfo=UTC),
    )


def reservation_row(name: ReservationName, found: domain.Reservation, version: int) -> ReservationRow:
    """Return the row of the reservation `name` as of the event `version`."""
    return ReservationRow(
        *name,
        found.location,
        found.quantity,
        found.held,
        found.fulfilled,
        found.released,
        found.status.value,
        None if found.expires_at is None else found.expires_at.astimezone(UTC).replace(tzinfo=None),
        version,
    )


def stock(record: AggregateRecord) -> domain.Stock:
    """Return the state of a loaded aggregate, folding its events where its stock rows lag behind."""
    if record.levels is not None:
        levels = {level.location: domain.Level(level.on_hand, level.reserved) for level in record.levels}
        return domain.Stock(record.version, levels)
    folded = domain.Stock()
    for stored in record.events:
        event = stored_event(stored)
        if event is not None:
            folded = domain.evolve(folded, event)
    return domain.Stock(record.version, folded.levels)
