"""Appends: in order within this process, by conflict and retry between processes.

The tasks of one process queue for an aggregate's lock; the unique key of the
table catches everybody else. The state kept at the current version makes most
appends one statement, with nothing read before it.
"""

import asyncio
from collections.abc import Callable

from worker.event_store.appending.aggregate_cache import AggregateCache
from worker.event_store.appending.aggregate_locks import AggregateLocks
from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.appending.plan import AppendPlan, Decide, plan_append
from worker.event_store.appending.writer import Appended, Writer
from worker.event_store.counters import Counters
from worker.event_store.errors import ConcurrencyConflictError
from worker.event_store.events import Event
from worker.event_store.execution import Executor
from worker.event_store.history.history import History, HistoryOfPool
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.retry import RetryPolicy


class Appender:
    """Appends to any aggregate, one append of each at a time."""

    def __init__(
        self,
        executor: Executor,
        histories: HistoryOfPool,
        cache: AggregateCache,
        upcasters: Upcasters,
        counters: Counters,
    ) -> None:
        self._histories = histories
        self._cache = cache
        self._upcasters = upcasters
        self._counters = counters
        self._locks = AggregateLocks()
        self._writer = Writer(executor, cache, upcasters, counters)

    def listen(self, appended: Appended) -> None:
        """Call `appended` with the events of each append the moment it is known to be durable, in version order."""
        self._writer.listen(appended)

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
            await self._writer.wait_for_doubts(history, aggregate_id)
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
        return await self._writer.write(history, kept, plan) if plan.events else []

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
        await self._writer.settle_doubts(history, aggregate_id, kept.version)
        self._cache.put(aggregate_id, kept)
        return kept


def _at(kept: KeptAggregate, aggregate_id: str, expected_version: int | None) -> KeptAggregate:
    if expected_version is not None and kept.version != expected_version:
        raise ConcurrencyConflictError(f"{aggregate_id} is at version {kept.version}, not {expected_version}")
    return kept
