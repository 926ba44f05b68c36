"""Appends: in order within this process, by conflict and retry between processes.

The tasks of one process queue for an aggregate's lock; the unique key of the
table catches everybody else. The state kept at the current version makes most
appends one statement, with nothing read before it.
"""

import asyncio
from collections.abc import Callable, Sequence

import asyncpg

from worker.event_store.appending.aggregate_cache import AggregateCache
from worker.event_store.appending.aggregate_locks import AggregateLocks
from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.appending.plan import AppendPlan, Decide, StockRows, plan_append
from worker.event_store.counters import Counters
from worker.event_store.errors import ConcurrencyConflictError, is_in_doubt
from worker.event_store.events import Event
from worker.event_store.execution import execute_whole
from worker.event_store.history.history import History, HistoryOfPool
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.pools import Pool
from worker.event_store.retry import RetryPolicy

SETTLING_POLICY = RetryPolicy()
"""How often and when to ask whether an append took effect that lost its connection."""

Appended = Callable[[Sequence[Event]], None]


class Appender:
    """Appends to any aggregate, one append of each at a time."""

    def __init__(
        self, pool: Pool, histories: HistoryOfPool, cache: AggregateCache, upcasters: Upcasters, counters: Counters
    ) -> None:
        self._pool = pool
        self._histories = histories
        self._cache = cache
        self._upcasters = upcasters
        self._counters = counters
        self._locks = AggregateLocks()
        self._listeners: list[Appended] = []

    def listen(self, appended: Appended) -> None:
        """Call `appended` with the events of each append the moment it is durable, in version order."""
        self._listeners.append(appended)

    async def append(
        self, aggregate_id: str, decide: Decide, *, user: str, expected_version: int | None, policy: RetryPolicy
    ) -> list[Event]:
        """Append what `decide` returns for the state at the current version.

        Raises `ConcurrencyConflictError` when others were faster at every attempt
        of `policy`, or the aggregate is not at `expected_version`; what `decide`
        raises; and what the pool raises. Nothing happened then.
        """
        delays_seconds = policy.delays_seconds()
        async with self._locks.hold(aggregate_id):
            history = await self._histories.get()
            while True:
                try:
                    return await self._attempt(history, aggregate_id, decide, user, expected_version)
                except ConcurrencyConflictError:
                    self._counters.conflicts += 1
                    # What is known of a write-only pool's aggregate cannot be brought up to date.
                    delay_seconds = next(delays_seconds, None) if history.is_shared else None
                    if delay_seconds is None:
                        raise
                self._counters.retries += 1
                await asyncio.sleep(delay_seconds)

    async def current(self, aggregate_id: str) -> KeptAggregate:
        """Return a copy of the aggregate as it stands now, appends of other processes included."""
        async with self._locks.hold(aggregate_id):
            history = await self._histories.get()
            kept = self._cache.get(aggregate_id)
            if kept is None or history.is_shared:
                kept = await self._load(history, aggregate_id)
            return kept.copy()

    async def _attempt(
        self, history: History, aggregate_id: str, decide: Decide, user: str, expected_version: int | None
    ) -> list[Event]:
        def plan_for(kept: KeptAggregate) -> AppendPlan:
            new_events = decide(_at(kept, aggregate_id, expected_version))
            return plan_append(aggregate_id, kept, new_events, user, self._upcasters)

        kept, plan = await self._planned(history, aggregate_id, plan_for, expected_version)
        return await self._write(history, kept, plan) if plan.events else []

    async def _planned(
        self,
        history: History,
        aggregate_id: str,
        plan_for: Callable[[KeptAggregate], AppendPlan],
        expected_version: int | None,
    ) -> tuple[KeptAggregate, AppendPlan]:
        kept = self._cache.get(aggregate_id)
        is_current = kept is not None and not history.is_shared
        if kept is None or (expected_version is not None and kept.version < expected_version):
            kept, is_current = await self._load(history, aggregate_id), True
        try:
            return kept, plan_for(kept)
        except ConcurrencyConflictError:
            raise
        except Exception:
            # A refusal must not rest on a state that another process may have changed.
            if is_current:
                raise
        kept = await self._load(history, aggregate_id)
        return kept, plan_for(kept)

    async def _load(self, history: History, aggregate_id: str) -> KeptAggregate:
        kept = await history.load(aggregate_id, self._cache.get(aggregate_id))
        self._cache.put(aggregate_id, kept)
        return kept

    async def _write(self, history: History, kept: KeptAggregate, plan: AppendPlan) -> list[Event]:
        query, arguments = plan.query(with_stock=await history.has_stock_tables())
        # Read back from what is stored: the caller's event is its own, and has the caller's types of JSON.
        events = [event.event(self._upcasters) for event in plan.events]

        is_durable = False

        def adopt() -> None:
            nonlocal is_durable
            is_durable = True
            self._adopt(history, kept, plan, events)

        try:
            await execute_whole(self._pool, query, *arguments, then=adopt)
        except BaseException as error:
            if is_durable:  # cancelled, too late to stop it
                raise
            if history.is_shared:
                self._cache.forget(plan.aggregate_id)
            if not isinstance(error, Exception):
                raise
            await self._settle(history, plan, error)
            adopt()
        return events

    def _adopt(self, history: History, kept: KeptAggregate, plan: AppendPlan, events: list[Event]) -> None:
        history.remember(plan.events)
        for event in events:
            kept.apply(event)
        if plan.stock_rows is StockRows.ALL_LAGGING:
            kept.rows_lag = False
        self._cache.put(plan.aggregate_id, kept)
        self._counters.appended_events += len(events)
        for appended in self._listeners:
            appended(events)

    async def _settle(self, history: History, plan: AppendPlan, error: Exception) -> None:
        """Return if the append took effect although `error` came back; raise what it means if not."""
        if isinstance(error, asyncpg.UniqueViolationError):
            # Whatever the key is called in this database: an append repeats nothing but a version.
            raise ConcurrencyConflictError(
                f"{plan.aggregate_id}: version {plan.events[0].version} was taken by another writer"
            ) from error
        if not (history.is_shared and is_in_doubt(error) and await _is_stored(history, plan, error)):
            raise error


async def _is_stored(history: History, plan: AppendPlan, error: Exception) -> bool:
    """Ask for the event of an append whose connection was lost: the server may have finished it, or still be at it."""
    delays_seconds = SETTLING_POLICY.delays_seconds()
    while True:
        unasked: Exception | None = None
        try:
            found = await history.event_id_at(plan.aggregate_id, plan.newest.version)
        except Exception as failure:  # noqa: BLE001 - the database is away; `error` is what the caller shall see
            unasked = failure
        else:
            if found is not None:
                return found == plan.newest.event_id
        delay_seconds = next(delays_seconds, None)
        if delay_seconds is None:
            if unasked is not None:
                error.add_note(f"whether the append took effect is unknown, asking failed too: {unasked!r}")
            return False
        await asyncio.sleep(delay_seconds)


def _at(kept: KeptAggregate, aggregate_id: str, expected_version: int | None) -> KeptAggregate:
    if expected_version is not None and kept.version != expected_version:
        raise ConcurrencyConflictError(f"{aggregate_id} is at version {kept.version}, not {expected_version}")
    return kept
