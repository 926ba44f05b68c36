"""A small history in which nothing is wrong: two commands and what became of them. Tests spoil one thing of it."""

import json
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from tests.faults.checker.history import History, Receipt, Recorded, Sending

SKU = "a"
PARTITIONS = 4
PARTITION = crc32(SKU.encode()) % PARTITIONS
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FEED, TILL, DEAD = "feed", "till", "dead"


def command(name: str, kind: str, quantity: int) -> dict[str, Any]:
    """Return a body."""
    return {"type": kind, "command_id": name, "sku": SKU, "user": "till", "quantity": quantity}


def sending(body: dict[str, Any], position: int, subject: str = "command", outcome: str = "ok") -> Sending:
    """Return a message that was sent once."""
    at = NOW.timestamp() + position
    return Sending(
        body["command_id"], subject, "till", SKU, SKU, body, position, at, at + 0.5, outcome=outcome, tries=1
    )


def answer(body: dict[str, Any], sequence: int, on_hand: int) -> dict[str, Any]:
    """Return the answer to an applied command."""
    levels = {"on_hand": on_hand, "reserved": 0, "available": on_hand, "version": sequence}
    place = {"sku": SKU, "location": "main", "partition": PARTITION, "sequence": sequence}
    told = {"type": body["type"], "quantity": body["quantity"], "user": "till", "outcome": "applied", "reason": None}
    return {"command_id": body["command_id"], "committed_at": NOW.isoformat(), **told, **levels, **place}


def receipt(queue: str, told: dict[str, Any]) -> Receipt:
    """Return `told` as it came to `queue`."""
    return Receipt(
        NOW.timestamp() + 9, queue, told["command_id"], redelivered=False, text=json.dumps(told), answer=told
    )


def recorded(told: dict[str, Any]) -> Recorded:
    """Return the row of `told`."""
    return Recorded(told["command_id"], PARTITION, told["sequence"], json.dumps(told), told)


def audit(name: str, version: int, delta: int, balance: int) -> dict[str, Any]:
    """Return an audit row."""
    place = {"sku": SKU, "location": "main", "version": version}
    return {"command_id": name, "event_id": f"e{version}", "delta": delta, "reserved_delta": 0, **place} | {
        "balance": balance
    }


def sound_history() -> History:
    """Return it: 5 units came in, 3 were sold."""
    bodies = [command("one", "restock", 5), command("two", "purchase", 3)]
    answers = [answer(bodies[0], 1, 5), answer(bodies[1], 2, 2)]
    return History(
        partition_count=PARTITIONS,
        ended_at=NOW.timestamp() + 100,
        sent=[sending(body, position) for position, body in enumerate(bodies)],
        received=[receipt(queue, told) for told in answers for queue in (FEED, TILL)],
        recorded={told["command_id"]: recorded(told) for told in answers},
        events=[
            {"command_id": "one", "event_id": "e1", "aggregate_id": SKU, "version": 1},
            {"command_id": "two", "event_id": "e2", "aggregate_id": SKU, "version": 2},
        ],
        audit=[audit("one", 1, 5, 5), audit("two", 2, -3, 2)],
        levels=[{"sku": SKU, "location": "main", "on_hand": 2, "reserved": 0, "version": 2}],
        reservations=[],
        partitions=[{"partition": PARTITION, "owner": "w", "epoch": 1, "sequence": 2}],
        feed=FEED,
        private={"till": TILL},
        dead_letters=DEAD,
    )
