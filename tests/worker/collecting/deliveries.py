"""Messages as they come out of the queue of dead letters."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas.commands import Restock, encode_command
from schemas.names import DEAD_LETTERS_QUEUE
from schemas.partitions import partition_of, partition_queue, partition_routing_key
from worker.lane.ports import Assignment, Delivery

PARTITION_COUNT = 4
SKU = "85123A"
HOME = partition_of(SKU, PARTITION_COUNT)
COMMAND_ID = UUID("6f7c2f64-5c29-4b67-9c3a-000000000001")
DIED_AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
NOBODYS = Assignment(0, PARTITION_COUNT, "worker")
OWN_USER = "workers"


def command_body(quantity: int = 5, command_id: UUID = COMMAND_ID) -> bytes:
    return encode_command(Restock(command_id=command_id, sku=SKU, quantity=quantity, user="till"))


def deaths(queue: str | None = None, reason: str = "expired", died_at: datetime = DIED_AT) -> dict[str, Any]:
    queue = queue or partition_queue(HOME)
    return {"x-death": [{"count": 1, "reason": reason, "queue": queue, "time": died_at, "exchange": "orders.commands"}]}


def dead_letter(body: bytes | None = None, **fields: Any) -> Delivery:
    """Return a command that has expired in the queue of its partition, or what `fields` say."""
    defaults: dict[str, Any] = {
        "routing_key": partition_routing_key(HOME),
        "reply_to": "till",
        "correlation_id": str(COMMAND_ID),
        "headers": deaths(),
    }
    return Delivery(command_body() if body is None else body, 1, DEAD_LETTERS_QUEUE, **defaults | fields)
