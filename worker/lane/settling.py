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
from worker.event_store import (
    Answered,
    Committed,
    ConcurrencyConflictError,
    Fenced,
    StoredAnswer,
    StoreUnavailable,
    Term,
)
from worker.lane.dead_letters.holds import Holds, aggregate_of
from worker.lane.dead_letters.letters import failed, waiting
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.endings import Ending
from worker.lane.new_holds import named, taken_for_new
from worker.lane.orders.line_replies import LineReply
from worker.lane.orders.planning import NO_ORDERS
from worker.lane.planning import Item, Plan, Planner, request_of
from worker.lane.ports import Assignment, Ports, SourceClosed
from worker.lane.states import States, stock_requests

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
        self._states = States(ports.store)

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
        self._states.forget(requests)
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
                self._states.forget(requests)
                looks = True
                self._observer.conflicted("version", error)
                await self._source.pause(next(conflicted))
            else:
                if isinstance(outcome, Committed):
                    self._term = plan.term
                    self._states.adopt(plan)
                    return _merged(requests, free, plan.endings)
                stored.update((answer.command_id, answer) for answer in outcome.answers)

    async def _attempt(
        self, requests: Sequence[Item], stored: dict[UUID, StoredAnswer], *, looks: bool
    ) -> tuple[Plan, Committed | Answered]:
        """Try to commit; with `looks`, nothing is taken for new without a look."""
        term = await self.claimed()
        about_stock = stock_requests(requests)
        stocks = await self._states.stocks(about_stock)
        undecided = [request for request in about_stock if request.command.command_id not in stored]
        new = set() if looks else taken_for_new(undecided, stocks, self._environment)
        reservations = await self._states.reservations(named(undecided), new)
        orders = await self._states.orders(requests, stored) if len(about_stock) < len(requests) else NO_ORDERS
        plan = Planner(term, stocks, stored, self._environment, reservations, orders).plan(requests)
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

    def forget_term(self) -> None:
        """Claim anew, and load anew, before anything else: what was being written is in doubt."""
        self._term = None
        self._states = States(self._store)


def _merged(requests: Sequence[Item], free: Sequence[Item], endings: Sequence[Ending]) -> list[Ending]:
    if free is requests:
        return list(endings)
    ended = iter(endings)
    decided = {id(item) for item in free}
    return [next(ended) if id(item) in decided else waiting(request_of(item)) for item in requests]


def _command_id(request: Request | OrderRequest | LineReply) -> UUID:
    return request.command_id if isinstance(request, LineReply) else request.command.command_id
