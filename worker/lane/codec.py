"""Between the domain's values and what is stored or sent: commands in, events out and in.

An event is stored under the name of its class; its data names a location `item_id`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import schemas
from worker import domain
from worker.event_store import AggregateRecord, EventRecord

# `json.dumps` with any option builds an encoder at every call, which doubles its cost.
_encode = json.JSONEncoder(ensure_ascii=False).encode


def domain_command(command: schemas.Command) -> domain.Command:
    """Return what the sender asks for, in the domain's terms."""
    return COMMANDS[type(command)](command)


def _adjustment(command: schemas.Adjust) -> domain.SetStock | domain.ChangeStock:
    if command.set_to is not None:
        return domain.SetStock(command.location, command.set_to)
    assert command.difference is not None  # noqa: S101 - the model has made sure of it
    return domain.ChangeStock(command.location, command.difference)


COMMANDS: Mapping[type[schemas.Command], Callable[[Any], domain.Command]] = {
    schemas.Purchase: lambda command: domain.Purchase(command.location, command.quantity),
    schemas.Restock: lambda command: domain.Restock(command.location, command.quantity),
    schemas.Adjust: _adjustment,
    schemas.Transfer: lambda command: domain.Transfer(command.location, command.to_location, command.quantity),
}
"""Every command of the wire."""


def event_type(event: domain.Event) -> str:
    """Return the name under which `event` is stored."""
    return type(event).__name__


def event_data(event: domain.Event) -> str:
    """Return the JSON that is stored for `event`; an item is a location."""
    return _encode(DATA[type(event)](event))


DATA: Mapping[type[domain.Event], Callable[[Any], dict[str, Any]]] = {
    domain.StockAdded: lambda event: {"item_id": event.location, "quantity": event.quantity},
    domain.StockRemoved: lambda event: {"item_id": event.location, "quantity": event.quantity},
    domain.StockAdjusted: lambda event: {"item_id": event.location, "difference": event.difference},
    domain.StockTransferred: lambda event: {
        "item_id": event.location,
        "to_item_id": event.to_location,
        "quantity": event.quantity,
    },
}
"""Every event as it is stored."""


def stored_event(record: EventRecord) -> domain.Event | None:
    """Return the event that `record` holds, or None where it says nothing about stock.

    Programs may append events of their own types to an aggregate, or of ours without
    an item and a positive quantity; they count as versions.
    """
    match record.event_type, json.loads(record.data):
        case "StockAdded", {"item_id": str(location), "quantity": int(quantity)} if quantity > 0:
            return domain.StockAdded(location, quantity)
        case "StockRemoved", {"item_id": str(location), "quantity": int(quantity)} if quantity > 0:
            return domain.StockRemoved(location, quantity)
        case "StockAdjusted", {"item_id": str(location), "difference": int(difference)}:
            return domain.StockAdjusted(location, difference)
        case (
            "StockTransferred",
            {"item_id": str(location), "to_item_id": str(to_location), "quantity": int(quantity)},
        ) if quantity > 0 and location != to_location:
            return domain.StockTransferred(location, to_location, quantity)
        case _:
            return None


def quantity_told(command: schemas.Command, decision: domain.Event | domain.Refusal) -> int | None:
    """Return the units that an answer names: those the command asked for, else those the event moved."""
    if command.quantity is None and isinstance(decision, domain.StockAdjusted):
        return decision.difference
    return command.quantity


def to_location_of(command: schemas.Command) -> str | None:
    """Return where the units go that stay in the house."""
    return command.to_location if isinstance(command, schemas.Transfer) else None


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
