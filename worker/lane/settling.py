"""Brings a batch of requests to its end in the database, whatever happens on the way.

The database away: wait, claim anew, try again; what a lost connection left in
doubt shows as answered. Another writer in between: load again. Content the
database refuses, or a bug: one request at a time, so that it harms no other.
"""

from collections.abc import Collection, Sequence
from time import perf_counter
from uuid import UUID

from publisher.backoff import Backoff
from schemas.reasons import Reason
from worker import domain
from worker.event_store import (
    Answered,
    Committed,
    ConcurrencyConflictError,
    Fenced,
    ReservationName,
    StoredAnswer,
    StoreUnavailable,
    Term,
)
from worker.lane.codec import reservation, stock
from worker.lane.dead_letters.holds import Holds, aggregate_of
from worker.lane.dead_letters.letters import failed, waiting
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.endings import Ending
from worker.lane.held_reservations import HeldReservations
from worker.lane.new_holds import named, taken_for_new
from worker.lane.orders.codec import stored_order
from worker.lane.orders.known_orders import KnownOrder, KnownOrders
from worker.lane.orders.line_replies import LineReply
from worker.lane.orders.planning import NO_ORDERS
from worker.lane.planning import Item, Plan, Planner, request_of
from worker.lane.ports import Assignment, Ports, SourceClosed
from worker.lane.stock_cache import StockCache

STOCK_CACHE_LIMIT_SKUS = 4_096
"""Kept in memory per lane: about 0.5 KB each, so 32 MB for 16 lanes."""

ORDER_CACHE_LIMIT_LINES = 8_192
"""Of pending orders, kept in memory per lane: about 0.3 KB each, so 40 MB for 16 lanes."""

RESERVATION_CACHE_LIMIT = 4_096
"""Of those that hold units, kept in memory per lane: about 0.54 KB each, so 35 MB for 16 lanes."""

UNAVAILABLE_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)
CONFLICT_BACKOFF = Backoff(first_seconds=0.005, cap_seconds=0.5)


class Settler:
    """Settles the requests of one partition, under one term at a time."""

    def __init__(self, assignment: Assignment, ports: Ports, hold_reasons: Collection[Reason]) -> None:
        """Where a request fails for one of `hold_reasons`, those behind it about the same SKU or order wait."""
        self._assignment = assignment
        self._store = ports.store
        self._ledger = ports.ledger
        self._source = ports.source
        self._environment = ports.environment
        self._observer = ports.observer
        self._hold_reasons = hold_reasons
        self.holds = Holds()
        self._term: Term | None = None
        self._cache = StockCache(STOCK_CACHE_LIMIT_SKUS)
        self._held_reservations = HeldReservations(RESERVATION_CACHE_LIMIT)
        self._known_orders = KnownOrders(ORDER_CACHE_LIMIT_LINES)

    async def settle(self, requests: Sequence[Item]) -> list[Ending]:
        """Return how each request ended, in their order, once that is durable.

        Raises `Fenced` when another owner has taken over, and `SourceClosed`
        when the requests will be delivered again; they may have taken effect.
        """
        if not requests:
            return []
        try:
            return list(await self._commit(requests))
        except (Fenced, SourceClosed):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a request causes must end at that request
            return await self._isolate(requests, error)

    async def _isolate(self, requests: Sequence[Item], error: Exception) -> list[Ending]:
        self._forget(requests)
        if len(requests) == 1:
            return [self._give_up(requests[0], error)]
        self._observer.isolated(len(requests), error)
        endings: list[Ending] = []
        for request in requests:
            endings.extend(await self.settle([request]))
        return endings

    def _give_up(self, item: Item, error: Exception) -> Unprocessable:
        given_up = failed(request_of(item), error)
        self._observer.failed(given_up.command_id, error)
        if given_up.reason in self._hold_reasons:
            self.holds.fail(aggregate_of(request_of(item)), _command_id(request_of(item)))
        return given_up

    async def _commit(self, requests: Sequence[Item]) -> list[Ending]:
        stored: dict[UUID, StoredAnswer] = {}
        unavailable = UNAVAILABLE_BACKOFF.delays_seconds()
        conflicted = CONFLICT_BACKOFF.delays_seconds()
        looks = False
        while True:
            try:
                await self.claimed()
                free = self._free(requests)
                plan, outcome = await self._attempt(free, stored, looks=looks)
            except StoreUnavailable as error:
                self.forget_term()
                self._observer.retried("commit", error)
                await self._source.pause(next(unavailable))
            except ConcurrencyConflictError as error:
                self._forget(requests)
                looks = True
                self._observer.conflicted("version", error)
                await self._source.pause(next(conflicted))
            else:
                if isinstance(outcome, Committed):
                    self._adopt(plan)
                    return _merged(requests, free, plan.endings)
                stored.update((answer.command_id, answer) for answer in outcome.answers)

    async def _attempt(
        self, requests: Sequence[Item], stored: dict[UUID, StoredAnswer], *, looks: bool
    ) -> tuple[Plan, Committed | Answered]:
        """Try to commit; with `looks`, nothing is taken for new without a look."""
        term = await self.claimed()
        stock_requests = [request for item in requests if isinstance(request := request_of(item), Request)]
        await self._load(stock_requests)
        undecided = [request for request in stock_requests if request.command.command_id not in stored]
        new = set() if looks else taken_for_new(undecided, self._cache.stocks, self._environment)
        reservations = await self._reservations(named(undecided), new)
        orders = await self._orders(requests, stored) if len(stock_requests) < len(requests) else NO_ORDERS
        plan = Planner(term, self._cache.stocks, stored, self._environment, reservations, orders).plan(requests)
        if not new <= plan.batch.made:
            return await self._attempt(requests, stored, looks=True)
        if not plan.batch.commands and not plan.batch.orders:
            return plan, Committed()
        started = perf_counter()
        outcome = await self._store.commit(term, plan.batch)
        if isinstance(outcome, Committed):
            self._observer.committed(len(plan.batch.commands), perf_counter() - started)
        return plan, outcome

    async def claimed(self) -> Term:
        """Return the term, and know what waits; claim one where there is none. Raises `StoreUnavailable`."""
        if self._term is None:
            term = await self._store.claim(self._assignment.partition, self._assignment.owner)
            self.holds.load(await self._ledger.holds(self._assignment.partition))
            self._term = term
            self._observer.claimed(term)
        return self._term

    def _free(self, requests: Sequence[Item]) -> Sequence[Item]:
        if not self.holds:
            return requests
        return [request for request in requests if not self.holds.block(request_of(request))]

    async def _load(self, requests: Sequence[Request]) -> None:
        missing = self._cache.missing(request.command.sku for request in requests)
        if missing:
            records = await self._store.load(missing)
            self._cache.put({record.aggregate_id: stock(record) for record in records})

    async def _reservations(
        self, names: set[ReservationName], new: set[ReservationName]
    ) -> dict[ReservationName, domain.Reservation]:
        """Return what of `names` exists; of those taken for `new`, what is in memory."""
        known = self._held_reservations.of(names)
        missing = names - new - known.keys()
        for row in await self._store.load_reservations(sorted(missing)) if missing else ():
            known[row.sku, row.reservation_id] = reservation(row)
        return known

    async def _orders(self, requests: Sequence[Item], stored: dict[UUID, StoredAnswer]) -> dict[str, KnownOrder]:
        """Return what the batch names and exists; put into `stored` what was answered to those who placed them."""
        names = _order_names(requests)
        missing = self._known_orders.missing(names)
        known = self._known_orders.of(names)
        for record in await self._store.load_orders(missing) if missing else ():
            order = stored_order(record)
            if order is not None:
                known[record.aggregate_id] = KnownOrder(order, record.answer, record.placed)
        stored.update((one.placing.command_id, one.placing) for one in known.values() if one.placing is not None)
        return known

    def _forget(self, requests: Sequence[Item]) -> None:
        skus = {request.command.sku for item in requests if isinstance(request := request_of(item), Request)}
        self._cache.forget(skus)
        self._held_reservations.forget(skus)
        self._known_orders.forget(_order_names(requests))

    def _adopt(self, plan: Plan) -> None:
        self._term = plan.term
        self._cache.put(plan.stocks)
        self._cache.trim()
        self._held_reservations.put(plan.reservations)
        self._known_orders.put(plan.orders)

    def forget_term(self) -> None:
        """Claim anew, and load anew, before anything else: what was being written is in doubt."""
        self._term = None
        self._cache = StockCache(STOCK_CACHE_LIMIT_SKUS)
        self._held_reservations = HeldReservations(RESERVATION_CACHE_LIMIT)
        self._known_orders = KnownOrders(ORDER_CACHE_LIMIT_LINES)


def _merged(requests: Sequence[Item], free: Sequence[Item], endings: Sequence[Ending]) -> list[Ending]:
    if free is requests:
        return list(endings)
    ended = iter(endings)
    decided = {id(item) for item in free}
    return [next(ended) if id(item) in decided else waiting(request_of(item)) for item in requests]


def _command_id(request: Request | OrderRequest | LineReply) -> UUID:
    return request.command_id if isinstance(request, LineReply) else request.command.command_id


def _order_names(items: Sequence[Item]) -> list[str]:
    return sorted({aggregate_of(request) for item in items if not isinstance(request := request_of(item), Request)})
