"""What each command should have done, in the order that the database says.

Every recorded command is decided again, in the order of its partition's sequence, at the time its answer names.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.faults.checker.decisions import Move, Refused, Shelf, decide
from tests.faults.checker.history import Body, History, Recorded
from tests.faults.checker.placed import LINE_TYPES, ORDER_TYPES, TAKING_TYPES, Placed, line_command


@dataclass(frozen=True, slots=True)
class Expectation:
    """What should have come of one recorded command."""

    recorded: Recorded
    body: Body
    answer: dict[str, Any]
    """The fields that its answer must have."""
    moves: list[Move]
    """What it must have moved; nothing where it was refused."""


def expectations(history: History, bodies: Mapping[str, Body], orders: Mapping[str, Placed]) -> Iterator[Expectation]:
    """Yield one for each recorded command about a SKU that somebody sent, whose body `bodies` tells, or an order."""
    shelves: dict[str, Shelf] = defaultdict(Shelf)
    for recorded in sorted(history.recorded.values(), key=lambda row: (row.partition, row.sequence)):
        body = bodies.get(recorded.name) or _own_command(recorded, orders)
        if body is not None and body["type"] not in ORDER_TYPES:
            yield _expect(shelves[body["sku"]], recorded, body)


def moment(text: str) -> datetime:
    """Return a time of an answer."""
    return datetime.fromisoformat(text)


def _own_command(recorded: Recorded, orders: Mapping[str, Placed]) -> Body | None:
    """Return the body of what an order or a worker sent; an `expire`'s due time stands in the reservation alone."""
    answer = recorded.answer
    if answer["type"] in LINE_TYPES:
        return line_command(recorded, orders)
    if answer["type"] != "expire":
        return None
    return {"type": "expire", "sku": answer["sku"], "location": answer["location"], "user": answer["user"]} | {
        "reservation_id": answer["reservation_id"]
    }


def _expect(shelf: Shelf, recorded: Recorded, body: Body) -> Expectation:
    now = moment(recorded.answer["committed_at"])
    if body["type"] == "expire":
        body = {**body, "expires_at": _due(shelf, recorded, body)}
    reason, moves = None, list[Move]()
    try:
        moves = decide(shelf, body, now)
    except Refused as refusal:
        (reason,) = refusal.args
    location = body.get("location", "main")
    answer = {
        "outcome": "applied" if reason is None else "rejected",
        "reason": reason,
        "type": body["type"],
        "sku": body["sku"],
        "location": location,
        "user": body["user"],
        "on_hand": shelf.on_hand.get(location, 0),
        "reserved": shelf.reserved.get(location, 0),
        "available": shelf.available(location),
        "version": shelf.version,
        "partition": recorded.partition,
        "sequence": recorded.sequence,
        "quantity": _told(body, moves),
    }
    return Expectation(recorded, body, answer, moves)


def _due(shelf: Shelf, recorded: Recorded, body: Body) -> datetime | None:
    """Return the due time that a worker's own command must have named: the hold's own, if it was applied."""
    hold = shelf.holds.get(body["reservation_id"])
    applied = recorded.answer["outcome"] == "applied"
    return hold.expires_at if hold is not None and applied else None


def _told(body: Body, moves: list[Move]) -> int | None:
    if not moves or ("quantity" in body and body["type"] not in TAKING_TYPES) or body["type"] == "extend":
        return body.get("quantity")
    _, on_hand, reserved = moves[0]
    return on_hand if body["type"] == "adjust" else abs(reserved or on_hand)
