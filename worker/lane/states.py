"""The states by which a batch is decided: from memory, so that it costs no read, else from the database."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from worker import domain
from worker.domain.orders import OrderStatus
from worker.event_store import ReservationName, StoredAnswer
from worker.lane.dead_letters.holds import aggregate_of
from worker.lane.decoding import Request
from worker.lane.orders.codec import stored_order
from worker.lane.orders.known_order import KnownOrder
from worker.lane.planning import Item, Plan, request_of
from worker.lane.ports import Store
from worker.lane.recently_used import RecentlyUsed
from worker.lane.row_codec import reservation, stock

STOCK_LIMIT_SKUS = 4_096
"""Kept in memory per lane: about 0.5 KB each, so 32 MB for 16 lanes."""

RESERVATION_LIMIT = 4_096
"""Of those that hold units, kept in memory per lane: about 0.54 KB each, so 35 MB for 16 lanes."""

ORDER_LIMIT_LINES = 8_192
"""Of pending orders, kept in memory per lane: about 0.3 KB each, so 40 MB for 16 lanes."""


class States:
    """Those of one partition, within one term: what is in memory stays true because no other lane can commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stocks = RecentlyUsed[str, domain.Stock](STOCK_LIMIT_SKUS)
        self._reservations = RecentlyUsed[ReservationName, domain.Reservation](RESERVATION_LIMIT)
        self._orders = RecentlyUsed[str, KnownOrder](ORDER_LIMIT_LINES, _line_count)

    def forget(self, items: Sequence[Item]) -> None:
        """Drop all that is known of the SKUs and the orders that `items` are about."""
        skus = {request.command.sku for request in stock_requests(items)}
        self._stocks.forget(skus)
        self._reservations.forget([name for name in self._reservations if name[0] in skus])
        self._orders.forget(_order_names(items))

    def adopt(self, plan: Plan) -> None:
        """Keep what has changed, now that it is committed; of what is over, hardly anything is heard any more."""
        self._stocks.put(plan.stocks)
        if plan.reservations:
            self._reservations.forget(plan.reservations)
            self._reservations.put({name: found for name, found in plan.reservations.items() if _is_held(found)})
        if plan.orders:
            self._orders.forget(plan.orders)
            self._orders.put({name: known for name, known in plan.orders.items() if _is_pending(known)})

    async def stocks(self, requests: Iterable[Request]) -> dict[str, domain.Stock]:
        """Return the stock of each SKU that `requests` are about."""
        skus = dict.fromkeys(request.command.sku for request in requests)
        known = self._stocks.of(skus)
        if len(known) < len(skus):
            missing = [sku for sku in skus if sku not in known]
            loaded = {record.aggregate_id: stock(record) for record in await self._store.load(missing)}
            self._stocks.put(loaded)
            known |= loaded
        return known

    async def reservations(
        self, names: set[ReservationName], new: set[ReservationName]
    ) -> dict[ReservationName, domain.Reservation]:
        """Return what of `names` exists; of those taken for `new`, what is in memory."""
        known = self._reservations.of(names)
        missing = names - new - known.keys()
        for row in await self._store.load_reservations(sorted(missing)) if missing else ():
            known[row.sku, row.reservation_id] = reservation(row)
        return known

    async def orders(self, items: Sequence[Item], stored: dict[UUID, StoredAnswer]) -> dict[str, KnownOrder]:
        """Return what `items` name and exists; put into `stored` what was answered to those who placed them."""
        names = _order_names(items)
        known = self._orders.of(names)
        missing = [name for name in names if name not in known]
        for record in await self._store.load_orders(missing) if missing else ():
            order = stored_order(record)
            if order is not None:
                known[record.aggregate_id] = KnownOrder(order, record.answer, record.placed)
        stored.update((one.placing.command_id, one.placing) for one in known.values() if one.placing is not None)
        return known


def stock_requests(items: Iterable[Item]) -> list[Request]:
    """Return those of `items` that are about a SKU."""
    return [request for item in items if isinstance(request := request_of(item), Request)]


def _order_names(items: Iterable[Item]) -> list[str]:
    return sorted({aggregate_of(request) for item in items if not isinstance(request := request_of(item), Request)})


def _is_held(found: domain.Reservation) -> bool:
    return found.status is domain.ReservationStatus.HELD


def _is_pending(known: KnownOrder) -> bool:
    return known.order.status is OrderStatus.PENDING


def _line_count(orders: Iterable[KnownOrder]) -> int:
    return sum(len(known.order.lines) for known in orders)
