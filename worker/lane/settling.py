"""Brings a batch of requests to its end in the database, whatever happens on the way.

The database away: wait, claim anew, try again; what a lost connection left in
doubt shows as answered. Another writer in between: load again. Content the
database refuses, or a bug: one request at a time, so that it harms no other.
"""

from collections.abc import Mapping, Sequence
from time import perf_counter
from uuid import UUID

from publisher.backoff import Backoff
from schemas.reasons import Reason
from worker import domain
from worker.domain.orders import Order
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
from worker.lane.answers import Answer
from worker.lane.codec import reservation, reservation_id_of, stock
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.orders.codec import stored_order
from worker.lane.orders.line_replies import LineReply
from worker.lane.orders.planning import NO_ORDERS, OrderEnding
from worker.lane.planning import NO_RESERVATIONS, Item, Plan, Planner
from worker.lane.ports import Assignment, Environment, Observer, Source, SourceClosed, Store
from worker.lane.stock_cache import StockCache

STOCK_CACHE_LIMIT = 4_096
"""SKUs kept in memory per lane: about 0.5 KB each, so 32 MB for 16 lanes."""

UNAVAILABLE_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)
CONFLICT_BACKOFF = Backoff(first_seconds=0.005, cap_seconds=0.5)


Ending = Answer | OrderEnding | Unprocessable
"""What became of an item of a batch."""


class Settler:
    """Settles the requests of one partition, under one term at a time."""

    def __init__(
        self, assignment: Assignment, store: Store, source: Source, environment: Environment, observer: Observer
    ) -> None:
        self._assignment = assignment
        self._store = store
        self._source = source
        self._environment = environment
        self._observer = observer
        self._term: Term | None = None
        self._cache = StockCache(STOCK_CACHE_LIMIT)

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
        self._forget_stocks(requests)
        if len(requests) == 1:
            failed = _failed(requests[0], error)
            self._observer.failed(_command_id(requests[0]), error)
            return [failed]
        self._observer.isolated(len(requests), error)
        endings: list[Ending] = []
        for request in requests:
            endings.extend(await self.settle([request]))
        return endings

    async def _commit(self, requests: Sequence[Item]) -> list[Answer | OrderEnding]:
        stored: dict[UUID, StoredAnswer] = {}
        unavailable = UNAVAILABLE_BACKOFF.delays_seconds()
        conflicted = CONFLICT_BACKOFF.delays_seconds()
        while True:
            try:
                plan, outcome = await self._attempt(requests, stored)
            except StoreUnavailable as error:
                self._forget_term()
                self._observer.retried("commit", error)
                await self._source.pause(next(unavailable))
            except ConcurrencyConflictError as error:
                self._forget_stocks(requests)
                self._observer.conflicted("version", error)
                await self._source.pause(next(conflicted))
            else:
                if isinstance(outcome, Committed):
                    self._adopt(plan)
                    return plan.endings
                stored.update((answer.command_id, answer) for answer in outcome.answers)

    async def _attempt(
        self, requests: Sequence[Item], stored: dict[UUID, StoredAnswer]
    ) -> tuple[Plan, Committed | Answered]:
        term = self._term or await self._claim()
        stock_requests = [request for request in requests if isinstance(request, Request)]
        await self._load(stock_requests)
        reservations = await self._reservations(stock_requests)
        orders = await self._orders(requests, stored) if len(stock_requests) < len(requests) else NO_ORDERS
        plan = Planner(term, self._cache.stocks, stored, self._environment, reservations, orders).plan(requests)
        if not plan.batch.commands and not plan.batch.orders:
            return plan, Committed()
        started = perf_counter()
        outcome = await self._store.commit(term, plan.batch)
        if isinstance(outcome, Committed):
            self._observer.committed(len(plan.batch.commands), perf_counter() - started)
        return plan, outcome

    async def _claim(self) -> Term:
        self._term = await self._store.claim(self._assignment.partition, self._assignment.owner)
        self._observer.claimed(self._term)
        return self._term

    async def _load(self, requests: Sequence[Request]) -> None:
        missing = self._cache.missing(request.command.sku for request in requests)
        if missing:
            records = await self._store.load(missing)
            self._cache.put({record.aggregate_id: stock(record) for record in records})

    async def _reservations(self, requests: Sequence[Request]) -> Mapping[ReservationName, domain.Reservation]:
        """Read what the batch names. None are kept in memory: there may be any number, and most are named once more."""
        names = {
            (request.command.sku, reservation_id)
            for request in requests
            if (reservation_id := reservation_id_of(request.command)) is not None
        }
        if not names:
            return NO_RESERVATIONS
        rows = await self._store.load_reservations(sorted(names))
        return {(row.sku, row.reservation_id): reservation(row) for row in rows}

    async def _orders(self, requests: Sequence[Item], stored: dict[UUID, StoredAnswer]) -> dict[str, Order]:
        """Read what the batch names, and into `stored` what was answered to those who placed them."""
        names = {name for request in requests if (name := _order_name(request)) is not None}
        records = await self._store.load_orders(sorted(names))
        stored.update((record.answer.command_id, record.answer) for record in records if record.answer is not None)
        return {record.aggregate_id: order for record in records if (order := stored_order(record)) is not None}

    def _forget_stocks(self, requests: Sequence[Item]) -> None:
        self._cache.forget(request.command.sku for request in requests if isinstance(request, Request))

    def _adopt(self, plan: Plan) -> None:
        self._term = plan.term
        self._cache.put(plan.stocks)
        self._cache.trim()

    def _forget_term(self) -> None:
        self._term = None
        self._cache = StockCache(STOCK_CACHE_LIMIT)


def _failed(item: Item, error: Exception) -> Unprocessable:
    problem = f"this command could not be processed: {type(error).__name__}: {error}"
    if isinstance(item, LineReply):
        return Unprocessable(item.delivery, Reason.FAILED, problem, command_id=item.command_id)
    command = item.command
    if isinstance(item, OrderRequest):
        return Unprocessable(
            item.delivery,
            Reason.FAILED,
            problem,
            command_id=command.command_id,
            command_type=command.type,
            order_id=command.order_id,
        )
    return Unprocessable(
        item.delivery,
        Reason.FAILED,
        problem,
        command_id=command.command_id,
        command_type=command.type,
        sku=item.command.sku,
        location=item.command.location,
        quantity=item.command.quantity,
        reservation_id=reservation_id_of(item.command),
    )


def _command_id(item: Item) -> UUID:
    return item.command_id if isinstance(item, LineReply) else item.command.command_id


def _order_name(item: Item) -> str | None:
    if isinstance(item, LineReply):
        return item.aggregate_id
    return item.command.aggregate_id if isinstance(item, OrderRequest) else None
