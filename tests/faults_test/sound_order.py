"""Small histories of one whole order, sold or cancelled, in which nothing is wrong. Tests spoil one thing of them.

Its first line is reserved, then fulfilled or released; its last one, at another location, sold at once or never.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

from tests.faults.checker.history import History, Recorded
from tests.faults_test.sound_history import (
    FEED,
    NOW,
    PARTITION,
    PARTITIONS,
    SKU,
    TILL,
    answer,
    command,
    receipt,
    sending,
    sound_history,
)

ORDER = "order:1700"
ORDER_PARTITION = crc32(ORDER.encode()) % PARTITIONS
DEADLINE = NOW.replace(minute=1)
HOLD, SALE = f"{ORDER}#1", f"{ORDER}#2"
NUMBERS = {"partition": ORDER_PARTITION, "sequence": 1}

assert PARTITION != ORDER_PARTITION, "the numbers below rely on two partitions"


def placing(**more: Any) -> dict[str, Any]:
    """Return the order: the two units that are left, and one of the shop."""
    lines = [{"sku": SKU, "quantity": 1}, {"sku": SKU, "quantity": 1}, {"sku": SKU, "location": "shop", "quantity": 1}]
    fields = {"type": "place_order", "command_id": "place", "order_id": "1700", "user": "till", "lines": lines}
    return fields | {"allow_partial": False} | more


def placed_answer(**more: Any) -> dict[str, Any]:
    """Return its answer."""
    lines = [
        {"sku": SKU, "location": location, "quantity": quantity, "sold": quantity, "reason": None}
        for location, quantity in (("main", 2), ("shop", 1))
    ]
    told: dict[str, Any] = dict.fromkeys(("sku", "location", "quantity", "on_hand", "reserved", "available", "reason"))
    told |= {"command_id": "place", "type": "place_order", "outcome": "applied", "user": "till"}
    told |= {"order_id": "1700", "version": 2, "committed_at": NOW.isoformat(), "lines": lines, **NUMBERS}
    return told | more


def refused_answer(reason: str, **more: Any) -> dict[str, Any]:
    """Return the answer to the order where nothing was sold."""
    told = placed_answer(outcome="rejected", reason=reason, **more)
    return told | {"lines": [line | {"sold": 0} for line in told["lines"]]}


def line_answer(kind: str, sequence: int, on_hand: int, reserved: int) -> dict[str, Any]:
    """Return the answer to what the order asked about its first line."""
    levels = {"on_hand": on_hand, "reserved": reserved, "available": on_hand - reserved, "version": sequence}
    told = {"command_id": kind, "type": kind, "outcome": "applied", "reason": None, "user": "till", "quantity": 2}
    place = {"sku": SKU, "location": "main", "partition": PARTITION, "sequence": sequence, "reservation_id": HOLD}
    return {"committed_at": NOW.isoformat(), **told, **levels, **place}


def sale_answer(**more: Any) -> dict[str, Any]:
    """Return the answer to the sale of its last line."""
    return line_answer("sell_line", 5, 0, 0) | {"quantity": 1, "location": "shop", "reservation_id": SALE} | more


def forestalling_answer(**more: Any) -> dict[str, Any]:
    """Return what its own lane recorded instead, with the decision, so that the last line is never sold."""
    told: dict[str, Any] = dict.fromkeys(("sku", "location", "quantity", "on_hand", "reserved", "available"))
    told |= {"command_id": "sell_line", "type": "sell_line", "outcome": "rejected", "reason": "order_completed"}
    told |= {"order_id": "1700", "user": "till", "version": 2, "committed_at": NOW.isoformat()}
    return told | NUMBERS | {"sequence": 3, "reservation_id": None} | more


def _recorded(told: dict[str, Any]) -> Recorded:
    return Recorded(told["command_id"], told["partition"], told["sequence"], json.dumps(told), told)


def order_event(version: int, kind: str, command: str, **data: Any) -> dict[str, Any]:
    """Return an event of the order."""
    row = {"event_id": f"o{version}", "aggregate_id": ORDER, "version": version, "event_type": kind}
    return row | {"command_id": command, "data": json.dumps(data)}


class Move(NamedTuple):
    """What one command moved: an event and its audit row."""

    version: int
    command: str
    location: str
    delta: int
    reserved: int
    balance: int


HELD = Move(4, "reserve_line", "main", 0, 2, 2)


def sold_order() -> History:
    """Return it: 5 units came in, 3 were sold over the counter and 2 with the order, as was the shop's only one."""
    line_answers = [line_answer("reserve_line", 4, 2, 2), sale_answer(), line_answer("fulfil_line", 6, 0, 0)]
    heard = {"line": 1, "answers": [[2, None, None, 0], [0, None, None, 1]]}
    events = [order_event(2, "OrderSold", "reserve_line", **heard)]
    history = _history([placed_answer(), *line_answers], events, "sold")
    _move(history, [HELD, Move(5, "sell_line", "shop", -1, 0, 0), Move(6, "fulfil_line", "main", -2, -2, 0)])
    history.levels = [_level("main", 0, 6), _level("shop", 0, 5)]
    history.reservations = [_hold(fulfilled=2, status="fulfilled")]
    return history


def cancelled_order() -> History:
    """Return the same order, cancelled while its first line was being held."""
    line_answers = [line_answer("reserve_line", 4, 2, 2), line_answer("release_line", 5, 2, 0)]
    told = refused_answer("order_cancelled", sequence=2)
    history = _history(
        [told, forestalling_answer(), *line_answers], [order_event(2, "OrderCancelled", "cancel")], "cancelled"
    )
    add_end(history, end_answer("applied", None, 1))
    _move(history, [HELD, Move(5, "release_line", "main", 0, -2, 2)])
    history.levels = [_level("main", 2, 5), _level("shop", 1, 3)]
    history.reservations = [_hold(fulfilled=0, status="released")]
    return history


def _history(answers: Sequence[dict[str, Any]], events: Sequence[dict[str, Any]], status: str) -> History:
    """Return what the shop was stocked with, and the order, which was placed and so answered; nothing has moved."""
    history = sound_history()
    stocking = command("three", "restock", 1) | {"location": "shop"}
    stocked = answer(stocking, 3, 1) | {"location": "shop"}
    order = sending(placing(), 3)
    order.sku = order.routing_key = ORDER
    history.sent += [sending(stocking, 2), order]
    history.recorded |= {told["command_id"]: _recorded(told) for told in (stocked, *answers)}
    history.received += [receipt(FEED, told) for told in (stocked, *answers)]
    history.received += [receipt(TILL, told) for told in (stocked, answers[0])]
    history.events += [order_event(1, "OrderPlaced", "place"), *events]
    _move(history, [Move(3, "three", "shop", 1, 0, 1)])
    deadline = DEADLINE.replace(tzinfo=None).isoformat()
    history.orders = [{"aggregate_id": ORDER, "command_id": "place", "status": status, "deadline": deadline}]
    _count(history)
    return history


def _move(history: History, moves: Sequence[Move]) -> None:
    for version, name, location, delta, reserved, balance in moves:
        ids = {"command_id": name, "event_id": f"e{version}", "version": version}
        history.events.append({"aggregate_id": SKU, "event_type": "", "data": "{}", **ids})
        place = {"sku": SKU, "location": location}
        history.audit.append({**ids, **place, "delta": delta, "reserved_delta": reserved, "balance": balance})


def _level(location: str, on_hand: int, version: int) -> dict[str, Any]:
    return {"sku": SKU, "location": location, "on_hand": on_hand, "reserved": 0, "version": version}


def _hold(fulfilled: int, status: str) -> dict[str, Any]:
    row = {"sku": SKU, "reservation_id": HOLD, "held": 0, "expires_at": None}
    return row | {"fulfilled": fulfilled, "status": status}


def _count(history: History) -> None:
    """Let each partition have given the answers that are recorded."""
    counts = Counter(recorded.partition for recorded in history.recorded.values())
    history.partitions = [
        {"partition": partition, "owner": "w", "epoch": 1, "sequence": count} for partition, count in counts.items()
    ]


def replace_answer(history: History, told: dict[str, Any]) -> None:
    """Let a command have been answered otherwise, everywhere."""
    name = told["command_id"]
    history.recorded[name] = _recorded(told)
    history.received = [receipt(each.queue, told) if each.name == name else each for each in history.received]


def end_answer(outcome: str, reason: str | None, sequence: int) -> dict[str, Any]:
    """Return the answer to a cancellation."""
    told = {"command_id": "cancel", "type": "cancel_order", "order_id": "1700", "outcome": outcome, "reason": reason}
    return told | {"committed_at": NOW.isoformat(), "user": "till", **NUMBERS, "sequence": sequence}


def add_end(history: History, told: dict[str, Any], position: int = 4) -> None:
    """Let a cancellation have come, and been answered."""
    body = {"type": "cancel_order", "command_id": told["command_id"], "order_id": "1700", "user": "till"}
    cancellation = sending(body, position)
    cancellation.sku = cancellation.routing_key = ORDER
    history.sent.append(cancellation)
    add_answer(history, told, FEED, TILL)


def add_answer(history: History, told: dict[str, Any], *queues: str) -> None:
    """Let one more answer be recorded, numbered, and received from `queues`."""
    history.recorded[told["command_id"]] = _recorded(told)
    history.received += [receipt(queue, told) for queue in queues]
    _count(history)
