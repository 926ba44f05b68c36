"""The rules of stock, told independently of the worker: what one command does to one SKU."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.faults.checker.history import Body

Move = tuple[str, int, int]
"""Location, change of what is on hand, change of what is reserved."""


@dataclass(slots=True)
class Hold:
    """One reservation."""

    location: str
    held: int
    expires_at: datetime | None
    ending: str = "held"
    """`held`, or the reason for which it is refused from now on."""


@dataclass(slots=True)
class Shelf:
    """One SKU."""

    version: int = 0
    on_hand: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)

    def available(self, location: str) -> int:
        """Return what can be sold at `location`."""
        return self.on_hand.get(location, 0) - self.reserved.get(location, 0)

    def move(self, moves: list[Move]) -> None:
        """Let one event happen."""
        self.version += 1
        for location, on_hand, reserved in moves:
            self.on_hand[location] = self.on_hand.get(location, 0) + on_hand
            self.reserved[location] = self.reserved.get(location, 0) + reserved


class Refused(Exception):
    """A rule says no; its argument is the reason."""


def decide(shelf: Shelf, body: Body, now: datetime) -> list[Move]:
    """Apply the command `body` to `shelf`, and return what it moved. Raises `Refused`; nothing has changed then."""
    moves = _RULES[body["type"]](shelf, body, body.get("location", "main"), now)
    shelf.move(moves)
    return moves


def _purchase(shelf: Shelf, body: Body, location: str, _now: datetime) -> list[Move]:
    _require_available(shelf, location, body["quantity"])
    return [(location, -body["quantity"], 0)]


def _restock(_shelf: Shelf, body: Body, location: str, _now: datetime) -> list[Move]:
    return [(location, body["quantity"], 0)]


def _transfer(shelf: Shelf, body: Body, location: str, _now: datetime) -> list[Move]:
    _require_available(shelf, location, body["quantity"])
    return [(location, -body["quantity"], 0), (body["to_location"], body["quantity"], 0)]


def _adjust(shelf: Shelf, body: Body, location: str, _now: datetime) -> list[Move]:
    on_hand = shelf.on_hand.get(location, 0)
    difference = body["set_to"] - on_hand if "set_to" in body else body["difference"]
    if shelf.available(location) + difference < 0:
        raise Refused("below_reserved")
    return [(location, difference, 0)]


def _reserve(shelf: Shelf, body: Body, location: str, now: datetime) -> list[Move]:
    name = body["reservation_id"]
    if name in shelf.holds:
        raise Refused("reservation_exists")
    _require_available(shelf, location, body["quantity"])
    expires_at = now + timedelta(seconds=body["expires_in"]) if "expires_in" in body else None
    shelf.holds[name] = Hold(location, body["quantity"], expires_at)
    return [(location, 0, body["quantity"])]


def _extend(shelf: Shelf, body: Body, location: str, now: datetime) -> list[Move]:
    hold = _held(shelf, body, location, now)
    hold.expires_at = now + timedelta(seconds=body["expires_in"])
    return [(location, 0, 0)]


def _release(shelf: Shelf, body: Body, location: str, now: datetime) -> list[Move]:
    return [(location, 0, -_part(_held(shelf, body, location, now), body, "already_released"))]


def _fulfil(shelf: Shelf, body: Body, location: str, now: datetime) -> list[Move]:
    quantity = _part(_held(shelf, body, location, now), body, "already_fulfilled")
    return [(location, -quantity, -quantity)]


def _expire(shelf: Shelf, body: Body, location: str, _now: datetime) -> list[Move]:
    hold = _open(shelf, body, location)
    if hold.expires_at != body["expires_at"]:
        raise Refused("not_due")
    return [(location, 0, -_part(hold, {}, "reservation_expired"))]


def _reserve_line(shelf: Shelf, body: Body, location: str, now: datetime) -> list[Move]:
    name = body["reservation_id"]
    _require_in_time(body, now)
    if name in shelf.holds:
        raise Refused("reservation_exists")
    quantity = _taken(shelf, body, location)
    shelf.holds[name] = Hold(location, quantity, None)
    return [(location, 0, quantity)]


def _sell_line(shelf: Shelf, body: Body, location: str, now: datetime) -> list[Move]:
    _require_in_time(body, now)
    return [(location, -_taken(shelf, body, location), 0)]


def _require_in_time(body: Body, now: datetime) -> None:
    if now >= body["not_after"]:
        raise Refused("order_expired")


def _taken(shelf: Shelf, body: Body, location: str) -> int:
    quantity: int = body["quantity"]
    if body["allow_partial"]:
        quantity = max(1, min(quantity, shelf.available(location)))
    _require_available(shelf, location, quantity)
    return quantity


def _require_available(shelf: Shelf, location: str, quantity: int) -> None:
    if quantity > shelf.available(location):
        raise Refused("insufficient_stock")


def _open(shelf: Shelf, body: Body, location: str) -> Hold:
    hold = shelf.holds.get(body["reservation_id"])
    if hold is None or hold.location != location:
        raise Refused("unknown_reservation")
    if hold.ending != "held":
        raise Refused(hold.ending)
    return hold


def _held(shelf: Shelf, body: Body, location: str, now: datetime) -> Hold:
    hold = _open(shelf, body, location)
    if hold.expires_at is not None and now >= hold.expires_at:
        raise Refused("reservation_expired")
    return hold


def _part(hold: Hold, body: Body, ending: str) -> int:
    quantity: int = body.get("quantity", hold.held)
    if quantity > hold.held:
        raise Refused("quantity_exceeds_reservation")
    hold.held -= quantity
    if hold.held == 0:
        hold.ending = ending
    return quantity


_RULES: dict[str, Callable[[Shelf, Any, str, datetime], list[Move]]] = {
    "purchase": _purchase,
    "restock": _restock,
    "transfer": _transfer,
    "adjust": _adjust,
    "reserve": _reserve,
    "extend": _extend,
    "release": _release,
    "fulfil": _fulfil,
    "expire": _expire,
    "reserve_line": _reserve_line,
    "sell_line": _sell_line,
    "release_line": _release,
    "fulfil_line": _fulfil,
}
