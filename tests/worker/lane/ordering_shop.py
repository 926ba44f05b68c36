"""A shop with an order of two lines, and what can be done to it on its way."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas.commands import encode_command
from schemas.order_commands import ExpireOrder
from tests.twins.orders import message, restock
from tests.twins.shop import Shop
from worker.domain.orders import Step
from worker.event_store import OrderRecord
from worker.expiry.order_errands import errands_of
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import BundleKind, Delivery

ORDER = "order:17"
SALE = line_command_id(ORDER, 2, Step.SELL)
LIFETIME_SECONDS = 30


def about(number: int, kind: str, **more: Any) -> Delivery:
    fields = {"type": kind, "command_id": str(UUID(int=number)), "order_id": "17", "user": "till"}
    return message(json.dumps(fields | more).encode(), correlation_id=str(UUID(int=number)))


def ordering_shop(units: int = 3, **more: Any) -> Shop:
    """Return a shop with 3 units of A, `units` of B, and an order of 2 and 2."""
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 2}]
    placing = about(9, "place_order", lines=lines, expires_in=LIFETIME_SECONDS, **more)
    return Shop([restock(1, 3), restock(2, units, sku="B"), placing])


def answers_to(shop: Shop, command_id: str) -> list[dict[str, Any]]:
    """Return the answers to a command, each once."""
    bodies = dict.fromkeys(reply.body for reply in shop.outbox.replies if reply.correlation_id == command_id)
    return [json.loads(body) for body in bodies]


def judge(shop: Shop, *, sold: bool) -> None:
    """Check that all was sold, or nothing, and that every answer says so, once."""
    assert [(shop.on_hand(sku), shop.database.levels[sku, "main"].reserved) for sku in "AB"] == [
        (1 if sold else 3, 0)
    ] * 2
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert order["outcome"] == ("applied" if sold else "rejected")
    (sale,) = answers_to(shop, SALE)
    assert (sale["outcome"], sale["reason"]) == (("applied", None) if sold else ("rejected", "order_completed"))
    sequences = sorted(sequence for _, sequence, _ in shop.database.commands.values())
    assert sequences == list(range(1, shop.database.partitions[0].sequence + 1))


def pass_by(shop: Shop, kind: BundleKind, delivery: Delivery, bundle_number: int = 1) -> None:
    """Let `delivery` arrive before the bundle of this kind and number."""
    seen: list[bytes] = []

    def overtake(_point: str) -> None:
        for position, waiting in enumerate(shop.queue.messages):
            if waiting.bundle is kind and waiting.body not in seen:
                seen.append(waiting.body)
                if len(seen) == bundle_number:
                    shop.queue.messages.insert(position, delivery)
                return

    shop.faults.everywhere(overtake)


def expiring(shop: Shop) -> Delivery:
    """Return what the clock sends when the order's time is up."""
    row = shop.database.orders[ORDER]
    due = datetime(2030, 1, 1, tzinfo=UTC)
    (command,) = errands_of(OrderRecord(ORDER, row.version, row.status, row.placed, row.progress), due)
    assert isinstance(command, ExpireOrder)
    return message(encode_command(command), correlation_id=str(command.command_id))
