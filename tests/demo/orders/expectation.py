"""What becomes of invoices and returns that are sent one at a time, worked out from the log alone.

A dictionary of units by SKU, one pass, and the rule that an invoice is sold if
all of its lines are there, and else refused over the first SKU that is not, in
the order of their codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.demo.orders.invoices import Invoice, SentLog


@dataclass(frozen=True, slots=True)
class InTurn:
    """The refused SKU of each invoice, None where it is sold, by line number; and the stock at the end."""

    refused_over: Mapping[int, str | None]
    stock: Mapping[str, int]


def fold_in_turn(log: SentLog, opening: Mapping[str, int]) -> InTurn:
    """Return what must become of `log` where `opening` is in stock before."""
    stock = dict(opening)
    refused_over: dict[int, str | None] = {}
    for item in log.in_turn():
        if not isinstance(item, Invoice):
            stock[item.sku] = stock.get(item.sku, 0) - item.quantity
            continue
        refused = next((sku for sku, units in sorted(item.units.items()) if units > stock.get(sku, 0)), None)
        refused_over[item.line] = refused
        if refused is None:
            for sku, units in item.units.items():
                stock[sku] -= units
    return InTurn(refused_over, stock)
