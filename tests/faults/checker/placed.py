"""Whole orders as they were placed, and the commands that they send to their lines."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.faults.checker.history import Body, History, Recorded

PREFIX = "order:"
ORDER_TYPES = frozenset({"place_order", "cancel_order", "expire_order"})
SALE = "sell_line"
"""Asked of the last line alone, of which nothing else is asked."""
LINE_TYPES = frozenset({"reserve_line", SALE, "release_line", "fulfil_line"})
TAKING_TYPES = frozenset({"reserve_line", SALE})
"""What is to get a line its units."""
OWN_TYPES = frozenset({"expire", "expire_order"})
"""What workers send by themselves."""


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a SKU at a location."""

    sku: str
    location: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Placed:
    """One order."""

    aggregate_id: str
    body: Body
    lines: tuple[Line, ...]
    """Summed, in the order of SKU and location."""
    deadline: datetime | None
    """None where the database holds no such order."""

    @property
    def allows_less(self) -> bool:
        """Whether it may be sold in part."""
        return bool(self.body.get("allow_partial"))


def placed_orders(history: History, bodies: Mapping[str, Body]) -> dict[str, Placed]:
    """Return the orders that somebody placed, by aggregate id."""
    deadlines = {row["aggregate_id"]: utc(row["deadline"]) for row in history.orders}
    orders: dict[str, Placed] = {}
    for body in bodies.values():
        if body["type"] == "place_order":
            name = f"{PREFIX}{body['order_id']}"
            orders[name] = Placed(name, body, _summed(body), deadlines.get(name))
    return orders


def line_command(recorded: Recorded, orders: Mapping[str, Placed]) -> Body | None:
    """Return what an order must have asked for, where an answer names a line that is asked so; None elsewhere."""
    name, line = held_for(str(recorded.answer["reservation_id"]))
    order = orders.get(name)
    if order is None or order.deadline is None or not 1 <= line <= len(order.lines):
        return None
    if (line == len(order.lines)) != (recorded.answer["type"] == SALE):
        return None
    asked = order.lines[line - 1]
    body = {
        "type": recorded.answer["type"],
        "sku": asked.sku,
        "location": asked.location,
        "user": order.body["user"],
        "reservation_id": recorded.answer["reservation_id"],
    }
    if body["type"] not in TAKING_TYPES:
        return body
    return body | {"quantity": asked.quantity, "allow_partial": order.allows_less, "not_after": order.deadline}


def held_for(reservation_id: str) -> tuple[str, int]:
    """Return the order and the line, from 1, that a reservation of an order is for; line 0 where it is for none."""
    name, _, line = reservation_id.rpartition("#")
    return name, int(line) if line.isdecimal() else 0


def is_forestalling(answer: Body) -> bool:
    """Return whether an order's own lane has given this answer, so that the order's last line is never sold."""
    return answer["type"] == SALE and answer["sku"] is None


def is_of_order(row_name: str) -> bool:
    """Return whether an aggregate is an order, or a reservation one's."""
    return row_name.startswith(PREFIX)


def utc(text: str) -> datetime:
    """Return a time of the database, which keeps them in UTC without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _summed(body: Body) -> tuple[Line, ...]:
    units = Counter[tuple[str, str]]()
    for line in body["lines"]:
        units[line["sku"], line.get("location", "main")] += line["quantity"]
    return tuple(Line(sku, location, quantity) for (sku, location), quantity in sorted(units.items()))
