"""A small history of one whole order that was sold, in which nothing is wrong. Tests spoil one thing of it."""

import json
from typing import Any
from zlib import crc32

from tests.faults.checker.history import History, Recorded
from tests.faults_test.sound_history import FEED, NOW, PARTITIONS, SKU, TILL, receipt, sending, sound_history

ORDER = "order:1700"
ORDER_PARTITION = crc32(ORDER.encode()) % PARTITIONS
DEADLINE = NOW.replace(minute=1)
HOLD = f"{ORDER}#1"
NUMBERS = {"partition": ORDER_PARTITION, "sequence": 1}

assert crc32(SKU.encode()) % PARTITIONS != ORDER_PARTITION, "the numbers below rely on two partitions"


def placing(**more: Any) -> dict[str, Any]:
    """Return the order: two of the two units that are left."""
    lines = [{"sku": SKU, "quantity": 1}, {"sku": SKU, "quantity": 1}]
    fields = {"type": "place_order", "command_id": "place", "order_id": "1700", "user": "till", "lines": lines}
    return fields | {"allow_partial": False} | more


def placed_answer(**more: Any) -> dict[str, Any]:
    """Return its answer."""
    line = {"sku": SKU, "location": "main", "quantity": 2, "sold": 2, "reason": None}
    told: dict[str, Any] = dict.fromkeys(("sku", "location", "quantity", "on_hand", "reserved", "available", "reason"))
    told |= {"command_id": "place", "type": "place_order", "outcome": "applied", "user": "till"}
    told |= {"order_id": "1700", "version": 3, "committed_at": NOW.isoformat(), "lines": [line], **NUMBERS}
    return told | more


def line_answer(kind: str, sequence: int, on_hand: int, reserved: int) -> dict[str, Any]:
    """Return the answer to what the order asked about its line."""
    partition = crc32(SKU.encode()) % PARTITIONS
    levels = {"on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved, "version": sequence}
    told = {"command_id": kind, "type": kind, "outcome": "applied", "reason": None, "user": "till", "quantity": 2}
    place = {"sku": SKU, "location": "main", "partition": partition, "sequence": sequence, "reservation_id": HOLD}
    return {"committed_at": NOW.isoformat(), **told, **levels, **place}


def _recorded(told: dict[str, Any]) -> Recorded:
    return Recorded(told["command_id"], told["partition"], told["sequence"], json.dumps(told), told)


def order_event(version: int, kind: str, command: str, **data: Any) -> dict[str, Any]:
    """Return an event of the order."""
    row = {"event_id": f"o{version}", "aggregate_id": ORDER, "version": version, "event_type": kind}
    return row | {"command_id": command, "data": json.dumps(data)}


def sold_order() -> History:
    """Return it: 5 units came in, 3 were sold over the counter and 2 with the order."""
    history = sound_history()
    answers = [placed_answer(), line_answer("reserve_line", 3, 2, 2), line_answer("fulfil_line", 4, 0, 0)]
    order = sending(placing(), 2)
    order.sku = order.routing_key = ORDER
    history.sent.append(order)
    history.recorded |= {told["command_id"]: _recorded(told) for told in answers}
    history.received += [receipt(FEED, told) for told in answers] + [receipt(TILL, answers[0])]
    place = {"sku": SKU, "location": "main"}
    for version, name, delta, reserved, balance in ((3, "reserve_line", 0, 2, 2), (4, "fulfil_line", -2, -2, 0)):
        ids = {"command_id": name, "event_id": f"e{version}", "version": version}
        history.events.append({"aggregate_id": SKU, "event_type": "", "data": "{}", **ids})
        history.audit.append({**ids, **place, "delta": delta, "reserved_delta": reserved, "balance": balance})
    history.events += [
        order_event(1, "OrderPlaced", "place"),
        order_event(2, "LinesAnswered", "reserve_line", line=1, answers=[[2, None, None]]),
        order_event(3, "OrderSold", "reserve_line"),
    ]
    history.levels = [{**place, "on_hand": 0, "reserved": 0, "version": 4}]
    row = {"sku": SKU, "reservation_id": HOLD, "held": 0, "fulfilled": 2, "status": "fulfilled", "expires_at": None}
    history.reservations = [row]
    deadline = DEADLINE.replace(tzinfo=None).isoformat()
    history.orders = [{"aggregate_id": ORDER, "command_id": "place", "status": "sold", "deadline": deadline}]
    first = {**history.partitions[0], "sequence": 4}
    history.partitions = [first, {"partition": ORDER_PARTITION, "owner": "w", "epoch": 1, "sequence": 1}]
    return history


def replace_answer(history: History, told: dict[str, Any]) -> None:
    """Let a command have been answered otherwise, everywhere."""
    name = told["command_id"]
    history.recorded[name] = _recorded(told)
    history.received = [receipt(each.queue, told) if each.name == name else each for each in history.received]


def add_end(history: History, told: dict[str, Any], position: int = 3) -> None:
    """Let a cancellation have come, and been answered."""
    body = {"type": "cancel_order", "command_id": told["command_id"], "order_id": "1700", "user": "till"}
    cancellation = sending(body, position)
    cancellation.sku = cancellation.routing_key = ORDER
    history.sent.append(cancellation)
    history.recorded[told["command_id"]] = _recorded(told)
    history.received += [receipt(queue, told) for queue in (FEED, TILL)]
    history.partitions[1] = {**history.partitions[1], "sequence": 2}
