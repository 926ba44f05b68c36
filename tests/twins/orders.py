"""Messages as publishers send them."""

import json
from typing import Any
from uuid import UUID

from worker.lane.ports import Delivery

QUEUE = "orders.commands.00"
ROUTING_KEY = "partition.00"
REPLY_TO = "till"


def order(number: int, kind: str, quantity: int | None, sku: str = "A", **more: Any) -> Delivery:
    """Return the command with the id `UUID(int=number)`, for a shop of one partition."""
    fields: dict[str, Any] = {"type": kind, "command_id": str(UUID(int=number)), "sku": sku, "user": "till-3"}
    if quantity is not None:
        fields["quantity"] = quantity
    return message(json.dumps(fields | more).encode(), correlation_id=str(UUID(int=number)))


def purchase(number: int, quantity: int, sku: str = "A", **more: Any) -> Delivery:
    return order(number, "purchase", quantity, sku, **more)


def restock(number: int, quantity: int, sku: str = "A", **more: Any) -> Delivery:
    return order(number, "restock", quantity, sku, **more)


def message(body: bytes, correlation_id: str | None = None) -> Delivery:
    return Delivery(body, 0, QUEUE, ROUTING_KEY, reply_to=REPLY_TO, correlation_id=correlation_id)
