"""A log put together to whole orders and returns, in the order in which they are sent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.demo.log_lines import OrderLine, ReadLog

LINES_LIMIT = 1_000


@dataclass(slots=True)
class Invoice:
    """What one order sells, by SKU, in units; `line` is its first line, `turn` its last one of any kind."""

    order: str
    line: int
    turn: int
    units: Counter[str] = field(default_factory=Counter)
    users: set[str] = field(default_factory=set)
    line_count: int = 0

    def add(self, line: OrderLine) -> None:
        self.units[line.sku] += line.quantity
        self.users |= {line.user} - {""}
        self.line_count += 1


@dataclass(frozen=True, slots=True)
class SentLog:
    """Invoices and returns by the number of the line that their answers name."""

    invoices: Mapping[int, Invoice]
    returns: Mapping[int, OrderLine]

    def in_turn(self) -> Iterator[Invoice | OrderLine]:
        """Yield all as they are sent: a return where it stands, an invoice after its last line."""
        turns: list[tuple[int, int, Invoice | OrderLine]] = [
            *((line.number, 0, line) for line in self.returns.values()),
            *((invoice.turn, 1, invoice) for invoice in self.invoices.values()),
        ]
        for *_, item in sorted(turns, key=lambda turn: turn[:2]):
            yield item


def invoices_of(log: ReadLog) -> SentLog:
    """Return what of `log` is sent; an invoice with a bad line, or one that is no order, is not."""
    found: dict[str, Invoice] = {}
    for line in log.orders:
        if line.quantity > 0:
            found.setdefault(line.order, Invoice(line.order, line.number, line.number)).add(line)
    for line in log.orders:
        if line.order in found:
            found[line.order].turn = line.number
    sendable = [invoice for invoice in found.values() if invoice.order not in log.spoilt and _is_one_order(invoice)]
    return SentLog({invoice.line: invoice for invoice in sendable}, _returns(log.orders))


def _is_one_order(invoice: Invoice) -> bool:
    return invoice.line_count <= LINES_LIMIT and len(invoice.users) <= 1


def _returns(lines: Iterable[OrderLine]) -> dict[int, OrderLine]:
    return {line.number: line for line in lines if line.quantity < 0}
