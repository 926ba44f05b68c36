"""The orders a lane keeps in memory, so that what they hear of their lines costs no read."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from worker.domain.orders import Order, OrderStatus
from worker.event_store import StoredAnswer


class KnownOrder(NamedTuple):
    """An order, and what there is of the command that placed it."""

    order: Order
    placing: StoredAnswer | None
    """None where somebody has taken its row away."""
    placed: str | None
    """What was ordered, as it is stored; None where that has to be written anew."""


class KnownOrders:
    """The orders that are pending, of at most `limit` lines together; those not used for longest go first.

    Valid only within one term, as `worker.lane.stock_cache` is: no other lane can commit meanwhile.
    """

    def __init__(self, limit_lines: int) -> None:
        self._limit_lines = limit_lines
        self._orders: OrderedDict[str, KnownOrder] = OrderedDict()
        self._line_count = 0

    def missing(self, names: Iterable[str]) -> list[str]:
        """Return those of `names` that are not here; the others now count as used."""
        missing = []
        for name in names:
            if name in self._orders:
                self._orders.move_to_end(name)
            else:
                missing.append(name)
        return missing

    def put(self, orders: Mapping[str, KnownOrder]) -> None:
        """Keep those of `orders` that are pending, and drop the others: little is heard of them any more."""
        self.forget(orders)
        for name, known in orders.items():
            if known.order.status is OrderStatus.PENDING:
                self._orders[name] = known
                self._line_count += len(known.order.lines)
        while self._line_count > self._limit_lines:
            _, known = self._orders.popitem(last=False)
            self._line_count -= len(known.order.lines)

    def forget(self, names: Iterable[str]) -> None:
        """Drop what is known of `names`."""
        for name in names:
            known = self._orders.pop(name, None)
            self._line_count -= 0 if known is None else len(known.order.lines)

    def of(self, names: Iterable[str]) -> dict[str, KnownOrder]:
        """Return those of `names` that are here."""
        return {name: self._orders[name] for name in names if name in self._orders}
