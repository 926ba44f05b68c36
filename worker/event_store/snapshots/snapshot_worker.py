"""Makes snapshots in the background: at every interval, and after so many events."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from worker.event_store.events import Event
from worker.event_store.loops import runs_here
from worker.event_store.store import Apply, EventStore

_log = logging.getLogger(__name__)


class SnapshotWorker:
    """Snapshots the registered aggregates that have changed, one after the other.

    One that fails is logged, counted, and tried again at the next interval.
    """

    def __init__(
        self, event_store: EventStore, interval_seconds: float = 60, *, every_events: int | None = None
    ) -> None:
        """Snapshot at every interval and, where `every_events` is given, whenever that many were appended since."""
        if interval_seconds <= 0:
            raise ValueError("interval_seconds must be positive")
        if every_events is not None and every_events < 1:
            raise ValueError("every_events must be 1 or more")
        self._event_store = event_store
        self._interval_seconds = interval_seconds
        self._every_events = every_events
        self._folds: dict[str, Apply | None] = {}
        self._snapshot_versions: dict[str, int] = {}
        self._appended_counts: dict[str, int] = {}
        self._due: asyncio.Event | None = None
        self._task: asyncio.Task[None] | None = None
        if every_events is not None:
            event_store.listen(self._count)

    def register_aggregate(self, aggregate_id: str, apply_fn: Apply | None = None) -> None:
        """Snapshot this aggregate from now on, folded by `apply_fn`; without it, its stock: `{item_id: units}`."""
        self._folds[aggregate_id] = apply_fn

    async def start(self) -> None:
        """Begin; the first snapshots are made after one interval. Starting twice is starting once."""
        if not runs_here(self._task):
            self._due = asyncio.Event()
            self._task = asyncio.create_task(self._run(self._due))

    async def stop(self) -> None:
        """End at once; a snapshot that is being written is written to its end. Stopping twice is stopping once.

        Waits no longer than the store's `cancelled_wait_limit_seconds` for a database that does not answer.
        """
        task, self._task = self._task, None
        if task is not None and runs_here(task):
            task.cancel()
            await asyncio.wait({task}, timeout=self._event_store.cancelled_wait_limit_seconds)

    async def _run(self, due: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        next_interval_at = loop.time() + self._interval_seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_interval_at):
                    await due.wait()
            due.clear()
            aggregate_ids = self._many_appended()
            if loop.time() >= next_interval_at:
                next_interval_at = loop.time() + self._interval_seconds
                aggregate_ids = list(self._folds)
            for aggregate_id in aggregate_ids:
                await self._snapshot(aggregate_id)

    async def _snapshot(self, aggregate_id: str) -> None:
        self._appended_counts.pop(aggregate_id, None)
        try:
            version = await self._event_store.get_current_version(aggregate_id)
            if version > self._snapshot_versions.get(aggregate_id, 0):
                self._snapshot_versions[aggregate_id] = await self._save(aggregate_id, version)
        except Exception:  # noqa: BLE001 - whatever it was, the next aggregate and the next interval come
            self._event_store.counters.snapshot_failures += 1
            _log.exception("no snapshot of %s", aggregate_id)

    async def _save(self, aggregate_id: str, version: int) -> int:
        apply_fn = self._folds[aggregate_id]
        if apply_fn is None:
            snapshot = await self._event_store.create_stock_snapshot(aggregate_id)
            return version if snapshot is None else snapshot.version
        state = await self._event_store.replay_events_to_version(aggregate_id, apply_fn, version)
        await self._event_store.create_snapshot(aggregate_id, state, version)
        return version

    def _count(self, events: Sequence[Event]) -> None:
        aggregate_id = events[0].aggregate_id
        if aggregate_id not in self._folds:
            return
        self._appended_counts[aggregate_id] = self._appended_counts.get(aggregate_id, 0) + len(events)
        if self._due is not None and runs_here(self._task) and self._many_appended():
            self._due.set()

    def _many_appended(self) -> list[str]:
        every_events = self._every_events
        if every_events is None:
            return []
        return [aggregate_id for aggregate_id, count in self._appended_counts.items() if count >= every_events]
