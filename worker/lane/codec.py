"""Between the domain's values and what is stored or sent: commands in, events out and in."""

import json
from typing import assert_never

import schemas
from worker import domain
from worker.event_store import AggregateRecord, EventRecord

# `json.dumps` with any option builds an encoder at every call, which doubles its cost.
_encode = json.JSONEncoder(ensure_ascii=False).encode

STOCK_ADDED = "StockAdded"
STOCK_REMOVED = "StockRemoved"


def domain_command(command: schemas.Command) -> domain.Command:
    """Return what the sender asks for, in the domain's terms."""
    match command:
        case schemas.Purchase():
            return domain.Purchase(command.location, command.quantity)
        case schemas.Restock():
            return domain.Restock(command.location, command.quantity)
        case _:
            assert_never(command)


def event_type(event: domain.Event) -> str:
    """Return the name under which `event` is stored."""
    match event:
        case domain.StockAdded():
            return STOCK_ADDED
        case domain.StockRemoved():
            return STOCK_REMOVED
        case _:
            assert_never(event)


def event_data(event: domain.Event) -> str:
    """Return the JSON that is stored for `event`; an item is a location."""
    return _encode({"item_id": event.location, "quantity": event.quantity})


def stored_event(record: EventRecord) -> domain.Event | None:
    """Return the event that `record` holds, or None where it says nothing about stock.

    Programs may append events of their own types to an aggregate, or of ours without
    an item and a positive quantity; they count as versions.
    """
    match record.event_type, json.loads(record.data):
        case "StockAdded", {"item_id": str(location), "quantity": int(quantity)} if _counts(quantity):
            return domain.StockAdded(location, quantity)
        case "StockRemoved", {"item_id": str(location), "quantity": int(quantity)} if _counts(quantity):
            return domain.StockRemoved(location, quantity)
        case _:
            return None


def _counts(quantity: int) -> bool:
    # True is an int, too, but nobody counts with it.
    return type(quantity) is int and quantity > 0


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
