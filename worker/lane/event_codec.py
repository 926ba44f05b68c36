"""Between events about a SKU and what is stored of them.

An event is stored under the name of its class; its data names a location `item_id`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from worker import domain
from worker.event_store import EventRecord


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
