"""Writes the plan of one append, and sees to it that memory and handlers follow what is durable.

Mostly that is known when the statement ends. Where a connection was lost, the
database is asked. What is unknown even then stays in doubt until the aggregate is
used again: a version that somebody took shows who took it.
"""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg

from worker.event_store.appending.aggregate_cache import AggregateCache
from worker.event_store.appending.doubts import Doubts
from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.appending.plan import AppendPlan, StockRows
from worker.event_store.counters import Counters
from worker.event_store.errors import ConcurrencyConflictError, is_in_doubt
from worker.event_store.events import Event
from worker.event_store.execution import Executor, Statement
from worker.event_store.history.history import History
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.retry import RetryPolicy

SETTLING_POLICY = RetryPolicy()
"""How often and when to ask whether an append took effect that lost its connection."""

Appended = Callable[[Sequence[Event]], None]


class Writer:
    """Writes, remembers, tells; for whoever holds the aggregate's lock."""

    def __init__(self, executor: Executor, cache: AggregateCache, upcasters: Upcasters, counters: Counters) -> None:
        self._executor = executor
        self._cache = cache
        self._upcasters = upcasters
        self._counters = counters
        self._doubts = Doubts()
        self._listeners: list[Appended] = []

    def listen(self, appended: Appended) -> None:
        """Call `appended` with the events of each append the moment it is known to be durable, in version order."""
        self._listeners.append(appended)

    async def write(self, history: History, kept: KeptAggregate, plan: AppendPlan) -> list[Event]:
        """Write `plan`, made for `kept`, and return its events.

        Raises `ConcurrencyConflictError`, and what the pool raises.
        """
        query, arguments = plan.query(with_stock=await history.has_stock_tables())
        # Read back from what is stored: the caller's event is its own, and has the caller's types of JSON.
        events = self._events(plan)
        is_left_behind = False

        def durable() -> None:
            if is_left_behind:
                self._confirm(history, plan)
            else:
                self._adopt(history, kept, plan, events)

        def left_behind(statement: Statement) -> None:
            nonlocal is_left_behind
            is_left_behind = True
            self._leave(history, plan, statement)

        try:
            await self._executor.execute_whole(query, *arguments, then=durable, in_doubt=left_behind)
        except Exception as error:
            if not await self._took_effect(history, plan, error):
                raise
            durable()
        return events

    async def wait_for_doubts(self, history: History, aggregate_id: str) -> None:
        """Wait until a write-only pool has said how the last append ended: the next version depends on it."""
        if not history.is_shared:
            await self._doubts.wait_for(aggregate_id)

    async def settle_doubts(self, history: History, aggregate_id: str, version: int) -> None:
        """Settle what is in doubt about an aggregate that is seen to be at `version`."""
        for plan in self._doubts.of(aggregate_id):
            if plan.first.version <= version:
                if await history.event_id_at(aggregate_id, plan.first.version) == plan.first.event_id:
                    self._confirm(history, plan)
                self._doubts.settle(plan)

    def _events(self, plan: AppendPlan) -> list[Event]:
        return [event.event(self._upcasters) for event in plan.events]

    def _adopt(self, history: History, kept: KeptAggregate, plan: AppendPlan, events: list[Event]) -> None:
        history.remember(plan.events)
        for event in events:
            kept.apply(event)
        if plan.stock_rows is StockRows.ALL_LAGGING:
            kept.rows_lag = False
        self._cache.put(plan.aggregate_id, kept)
        for rival in self._doubts.of(plan.aggregate_id):  # for the version that this append got
            self._doubts.settle(rival)
        self._tell(events)

    def _confirm(self, history: History, plan: AppendPlan) -> None:
        """Take note that an append took effect that was in doubt."""
        if self._doubts.settle(plan):
            history.remember(plan.events)
            self._cache.forget(plan.aggregate_id)
            self._tell(self._events(plan))

    def _tell(self, events: list[Event]) -> None:
        self._counters.appended_events += len(events)
        for appended in self._listeners:
            appended(events)

    def _leave(self, history: History, plan: AppendPlan, statement: Statement) -> None:
        # Nobody but the statement itself can tell what became of it in a write-only pool.
        if not statement.done() or (history.is_shared and _is_unanswered(statement)):
            self._doubt(plan, statement)
        elif history.is_shared:
            self._cache.forget(plan.aggregate_id)

    def _doubt(self, plan: AppendPlan, statement: Statement | None = None) -> None:
        self._counters.appends_in_doubt += 1
        self._cache.forget(plan.aggregate_id)
        self._doubts.add(plan, statement)

    async def _took_effect(self, history: History, plan: AppendPlan, error: Exception) -> bool:
        """Return whether the append took effect although `error` came back; raises a conflict as what it is."""
        if history.is_shared:
            self._cache.forget(plan.aggregate_id)
        if isinstance(error, asyncpg.UniqueViolationError):
            # Whatever the key is called in this database: an append repeats nothing but a version.
            raise ConcurrencyConflictError(
                f"{plan.aggregate_id}: version {plan.first.version} was taken by another writer"
            ) from error
        if not (history.is_shared and is_in_doubt(error)):
            return False
        try:
            found = await _settled(history, plan, error)
        except asyncio.CancelledError:
            self._doubt(plan)
            raise
        if found is None:
            self._doubt(plan)
        return found == plan.first.event_id


def _is_unanswered(ended: Statement) -> bool:
    error = None if ended.cancelled() else ended.exception()
    return error is None or is_in_doubt(error)


async def _settled(history: History, plan: AppendPlan, error: Exception) -> str | None:
    """Return which event has the version of an append whose connection was lost; None where nobody can say yet.

    The server may have finished the append, or still be at it.
    """
    delays_seconds = SETTLING_POLICY.delays_seconds()
    while True:
        unasked: Exception | None = None
        try:
            found = await history.event_id_at(plan.aggregate_id, plan.first.version)
        except Exception as failure:  # noqa: BLE001 - the database is away; `error` is what the caller shall see
            unasked = failure
        else:
            if found is not None:
                return found
        delay_seconds = next(delays_seconds, None)
        if delay_seconds is None:
            if unasked is not None:
                error.add_note(f"whether the append took effect is unknown, asking failed too: {unasked!r}")
            return None
        await asyncio.sleep(delay_seconds)
