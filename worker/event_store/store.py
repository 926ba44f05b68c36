"""The event store for people who hold an asyncpg pool: append, read, replay, snapshot, subscribe."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from worker.event_store.appending.aggregate_cache import AGGREGATE_CACHE_LIMIT, AggregateCache
from worker.event_store.appending.appender import Appender
from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.appending.plan import Decide, NewEvent
from worker.event_store.appending.writer import Appended
from worker.event_store.counters import Counters
from worker.event_store.events import Event, Snapshot
from worker.event_store.execution import CANCELLED_WAIT_LIMIT_SECONDS, Executor
from worker.event_store.history.history import HistoryOfPool
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.pools import Pool
from worker.event_store.retry import RetryPolicy
from worker.event_store.snapshots.snapshots import Snapshots
from worker.event_store.stock import fold_stock
from worker.event_store.subscriptions.subscription import HANDLER_QUEUE_LIMIT_EVENTS, Handler, HandlerLimits
from worker.event_store.subscriptions.subscriptions import Subscriptions

DEFAULT_USER = "system"
"""Whom the audit names where nobody else is named."""

UNCONDITIONAL_ATTEMPTS_LIMIT = 1_000
"""An append that depends on no version only has to wait for its turn: each conflict is another one's success."""

Apply = Callable[[dict[str, Any], Event], dict[str, Any]]
"""Folds one event into a state, which it may change, and returns the state."""


class EventStore:
    """Events of aggregates in PostgreSQL, through a pool of the caller's.

    Errors of the pool come out as they are. After one from an append, nothing
    happened: where the connection was lost, the store has asked the database. If
    that failed too, a note on the error says that the outcome is unknown.

    Over a pool whose connections can only `execute`, the store serves what it
    appended itself and keeps all of it in memory.

    Not promised: that handlers see what other processes append.
    """

    def __init__(
        self,
        db_pool: Pool,
        *,
        retry_policy: RetryPolicy | None = None,
        upcasters: Upcasters | None = None,
        counters: Counters | None = None,
        cache_limit_aggregates: int = AGGREGATE_CACHE_LIMIT,
        handler_queue_limit_events: int = HANDLER_QUEUE_LIMIT_EVENTS,
        cancelled_wait_limit_seconds: float = CANCELLED_WAIT_LIMIT_SECONDS,
    ) -> None:
        self.retry_policy = retry_policy or RetryPolicy()
        self.counters = counters or Counters()
        upcasters = upcasters or Upcasters()
        self.cancelled_wait_limit_seconds = cancelled_wait_limit_seconds
        executor = Executor(db_pool, cancelled_wait_limit_seconds)
        self._histories = HistoryOfPool(executor, upcasters)
        cache = AggregateCache(cache_limit_aggregates)
        self._appender = Appender(executor, self._histories, cache, upcasters, self.counters)
        self._snapshots = Snapshots(executor, self._histories, self.counters)
        self._subscriptions = Subscriptions(self._histories, self.counters, HandlerLimits(handler_queue_limit_events))
        self._appender.listen(self._subscriptions.publish)

    async def append_event(
        self,
        aggregate_id: str,
        event_type: str,
        data: dict[str, Any],
        *,
        expected_version: int | None = None,
        user: str = DEFAULT_USER,
    ) -> Event:
        """Append one event and return it once it is durable.

        `StockAdded` and `StockRemoved` with `{"item_id", "quantity"}` also write
        the audit, in the name of `user`, and the stock row, in the same statement.
        With `expected_version`, raises `ConcurrencyConflictError` if the aggregate
        is not at it. Raises `TypeError` or `ValueError` if JSON cannot hold `data`.
        """
        events = await self.append_events(
            aggregate_id, [(event_type, data)], expected_version=expected_version, user=user
        )
        return events[0]

    async def append_events(
        self,
        aggregate_id: str,
        events: Sequence[tuple[str, dict[str, Any]]],
        *,
        expected_version: int | None = None,
        user: str = DEFAULT_USER,
    ) -> list[Event]:
        """Append events, given as type and data, with consecutive versions: all in one statement, or none.

        Everything else is as with `append_event`.
        """
        new_events = [NewEvent.of(event_type, data) for event_type, data in events]
        attempts = UNCONDITIONAL_ATTEMPTS_LIMIT if expected_version is None else 1
        return await self._appender.append(
            aggregate_id,
            lambda _kept: new_events,
            user=user,
            expected_version=expected_version,
            policy=replace(self.retry_policy, attempts=attempts),
        )

    async def decide_and_append(self, aggregate_id: str, decide: Decide, *, user: str = DEFAULT_USER) -> list[Event]:
        """Append what `decide` returns for the state at the current version.

        Where another process appended meanwhile, `decide` is asked again by the
        retry policy; then raises `ConcurrencyConflictError`. What `decide` raises
        comes out, and is never based on an outdated state.
        """
        return await self._appender.append(
            aggregate_id, decide, user=user, expected_version=None, policy=self.retry_policy
        )

    async def get_events(self, aggregate_id: str, from_version: int = 0) -> list[Event]:
        """Return the events of versions above `from_version`, in order."""
        return await self.get_events_snapshot_safe(aggregate_id, from_version)

    async def get_events_snapshot_safe(
        self, aggregate_id: str, from_version: int = 0, to_version: int | None = None
    ) -> list[Event]:
        """Return the events of versions above `from_version` up to and with `to_version` (None: the newest)."""
        return [event async for event in self.iterate_events(aggregate_id, from_version, to_version)]

    async def iterate_events(
        self, aggregate_id: str, from_version: int = 0, to_version: int | None = None
    ) -> AsyncIterator[Event]:
        """Give the same events one by one, without holding them all."""
        history = await self._histories.get()
        async for page in history.pages(aggregate_id, from_version, to_version):
            for event in page:
                yield event

    async def get_current_version(self, aggregate_id: str) -> int:
        """Return the version of the newest durable event, 0 where there is none."""
        return await (await self._histories.get()).newest_version(aggregate_id)

    async def aggregate_ids(self) -> list[str]:
        """Return every aggregate that has events."""
        return await (await self._histories.get()).aggregate_ids()

    async def stock(self, aggregate_id: str) -> KeptAggregate:
        """Return the aggregate as it stands, in units by item; the copy is the caller's."""
        return await self._appender.current(aggregate_id)

    async def create_snapshot(self, aggregate_id: str, state: dict[str, Any], version: int | None = None) -> Snapshot:
        """Keep `state` as the fold of exactly the events 1 to `version`, unless a newer snapshot is kept.

        The state is taken as it is at the call. Without `version` it stands for the
        current one: right only where nobody can append in between, so name the
        version that you replayed to. Returns the snapshot. Raises `ValueError` if
        `version` is not one of the aggregate's: beyond its events, or below 1. An
        aggregate that a write-only pool's store knows nothing of takes any from 1 on.
        """
        return await self._snapshots.save(aggregate_id, state, version)

    async def create_stock_snapshot(self, aggregate_id: str) -> Snapshot | None:
        """Keep the stock, `{item_id: units on hand}`, at the current version; None where there are no events.

        It is marked as the store's own fold, so that a replay with another one does not begin at it.
        """
        kept = await self._appender.current(aggregate_id)
        if not kept.version:
            return None
        return await self._snapshots.save(aggregate_id, kept.on_hand, kept.version, is_stock=True)

    async def get_snapshot(self, aggregate_id: str) -> Snapshot | None:
        """Return the newest snapshot, None where there is none; the copy is the caller's."""
        stored = await self._snapshots.find(aggregate_id)
        return None if stored is None else stored.snapshot()

    async def replay_events(self, aggregate_id: str, apply_fn: Apply) -> dict[str, Any]:
        """Return the fold of all events by `apply_fn`, `{}` where there are none.

        It begins at the newest snapshot where that fits: snapshots are folds of the
        caller's, so fold each aggregate in one way. Those of `create_stock_snapshot`
        are used by `fold_stock` alone.
        """
        return await self._replay(aggregate_id, apply_fn, None)

    async def replay_events_to_version(self, aggregate_id: str, apply_fn: Apply, to_version: int) -> dict[str, Any]:
        """Return the fold of the events 1 to `to_version`, as `replay_events` does."""
        return await self._replay(aggregate_id, apply_fn, to_version)

    async def _replay(self, aggregate_id: str, apply_fn: Apply, to_version: int | None) -> dict[str, Any]:
        state: dict[str, Any] = {}
        version = 0
        stored = await self._snapshots.find(aggregate_id)
        if (
            stored is not None
            and stored.is_stock == (apply_fn is fold_stock)
            and (to_version is None or stored.version <= to_version)
        ):
            state, version = stored.snapshot().state, stored.version
        history = await self._histories.get()
        async for page in history.pages(aggregate_id, version, to_version):
            for event in page:
                state = apply_fn(state, event)
        return state

    def subscribe(self, event_type: str, handler: Handler) -> None:
        """Hand every event of `event_type` that is appended through this store to `handler`; see `subscriptions`."""
        self._subscriptions.subscribe(event_type, handler)

    def listen(self, appended: Appended) -> None:
        """Call `appended` with the events of every append, of any type, inside it: it must be quick and not raise."""
        self._appender.listen(appended)

    async def drain(self) -> None:
        """Return when every handler is through with all events appended so far; at shutdown, after the last append."""
        await self._subscriptions.drain()
