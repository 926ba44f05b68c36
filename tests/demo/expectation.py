"""What must become of a log, worked out from the log alone.

It shares no code with the worker: a dictionary of units by SKU, one pass over
the lines in their order, and the rule that a purchase takes effect if as many
units are there.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.demo.log_lines import OrderLine, ReadLog

OPENING_PERCENT = 80
"""Of what the log sells of each SKU: little enough that some purchases are refused."""


class Verdict(NamedTuple):
    """What became of one line; `available` is what was left right after it."""

    outcome: str
    reason: str | None
    available: int | None

    def __str__(self) -> str:
        left = "" if self.available is None else f", {self.available:,} left"
        return f"{self.outcome}{f' ({self.reason})' if self.reason else ''}{left}"


NO_ORDER = Verdict("not an order", None, None)
"""Of a line that cannot be sent."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true after a log, and the opening stock before it, went through a worker."""

    verdicts: Mapping[int, Verdict]
    """By line number."""

    stock: Mapping[str, int]
    """By SKU, in units; of every SKU in the log."""

    command_count: int
    applied_count: int


def opening_stock(orders: Iterable[OrderLine]) -> dict[str, int]:
    """Return the units to begin with: 80 % of what is sold of each SKU, rounded down; none where that is 0."""
    sold: Counter[str] = Counter()
    for order in orders:
        sold[order.sku] += max(order.quantity, 0)
    opening = {sku: units * OPENING_PERCENT // 100 for sku, units in sold.items()}
    return {sku: units for sku, units in opening.items() if units > 0}


def expect(log: ReadLog, opening: Mapping[str, int]) -> Expectation:
    """Return what must become of `log` where `opening` is in stock before its first line."""
    stock = {order.sku: opening.get(order.sku, 0) for order in log.orders}
    verdicts = dict.fromkeys(log.no_orders, NO_ORDER)
    for order in log.orders:
        verdicts[order.number] = _take_effect(order, stock)
    applied = sum(verdict.outcome == "applied" for verdict in verdicts.values())
    return Expectation(verdicts, stock, len(opening) + len(log.orders), len(opening) + applied)


def _take_effect(order: OrderLine, stock: dict[str, int]) -> Verdict:
    available = stock[order.sku]
    if order.quantity > available:
        return Verdict("rejected", "insufficient_stock", available)
    stock[order.sku] = available - order.quantity
    return Verdict("applied", None, stock[order.sku])
