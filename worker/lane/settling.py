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
from worker.lane.codec import reservation, reservation_id_of, stock
from worker.lane.decoding import Request, Unprocessable
from worker.lane.planning import NO_RESERVATIONS, Answer, Plan, Planner
from worker.lane.ports import Assignment, Environment, Observer, Source, SourceClosed, Store
from worker.lane.stock_cache import StockCache

STOCK_CACHE_LIMIT = 4_096
"""SKUs kept in memory per lane: about 0.5 KB each, so 32 MB for 16 lanes."""

UNAVAILABLE_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)
CONFLICT_BACKOFF = Backoff(first_seconds=0.005, cap_seconds=0.5)


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

    async def settle(self, requests: Sequence[Request]) -> list[Answer | Unprocessable]:
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

    async def _isolate(self, requests: Sequence[Request], error: Exception) -> list[Answer | Unprocessable]:
        self._cache.forget(request.command.sku for request in requests)
        if len(requests) == 1:
            self._observer.failed(requests[0].command.command_id, error)
            return [_failed(requests[0], error)]
        self._observer.isolated(len(requests), error)
        endings: list[Answer | Unprocessable] = []
        for request in requests:
            endings.extend(await self.settle([request]))
        return endings

    async def _commit(self, requests: Sequence[Request]) -> list[Answer]:
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
                self._cache.forget(request.command.sku for request in requests)
                self._observer.conflicted("version", error)
                await self._source.pause(next(conflicted))
            else:
                if isinstance(outcome, Committed):
                    self._adopt(plan)
                    return plan.answers
                stored.update((answer.command_id, answer) for answer in outcome.answers)

    async def _attempt(
        self, requests: Sequence[Request], stored: dict[UUID, StoredAnswer]
    ) -> tuple[Plan, Committed | Answered]:
        term = self._term or await self._claim()
        await self._load(requests)
        reservations = await self._reservations(requests)
        plan = Planner(term, self._cache.stocks, stored, self._environment, reservations).plan(requests)
        if not plan.batch.commands:
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

    def _adopt(self, plan: Plan) -> None:
        self._term = plan.term
        self._cache.put(plan.stocks)
        self._cache.trim()

    def _forget_term(self) -> None:
        self._term = None
        self._cache = StockCache(STOCK_CACHE_LIMIT)


def _failed(request: Request, error: Exception) -> Unprocessable:
    command = request.command
    return Unprocessable(
        request.delivery,
        Reason.FAILED,
        f"this command could not be processed: {type(error).__name__}: {error}",
        command_id=command.command_id,
        command_type=command.type,
        sku=command.sku,
        location=command.location,
        quantity=command.quantity,
    )
