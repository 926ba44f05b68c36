"""Snapshots: a fold of the events 1 to N, kept so that a replay can begin at N."""

from typing import Any

from worker.event_store.appending.aggregate_locks import AggregateLocks
from worker.event_store.counters import Counters
from worker.event_store.events import Snapshot
from worker.event_store.execution import Executor
from worker.event_store.history.history import History, HistoryOfPool
from worker.event_store.history.stored import StoredSnapshot, encoded, now
from worker.event_store.statements import statement


class Snapshots:
    """Saves and finds the newest snapshot of each aggregate.

    Its locks are not those of the appends: an aggregate that is being
    snapshotted can be appended to.
    """

    def __init__(self, executor: Executor, histories: HistoryOfPool, counters: Counters) -> None:
        self._executor = executor
        self._histories = histories
        self._counters = counters
        self._locks = AggregateLocks()

    async def save(
        self, aggregate_id: str, state: dict[str, Any], version: int | None, *, is_stock: bool = False
    ) -> Snapshot:
        """Keep `state`, the fold of events 1 to `version` (None: the current one), unless a newer one is kept.

        Returns it. Raises `ValueError` if there are no such events, and what the
        pool raises; nothing happened then.
        """
        text = encoded(state)
        history = await self._histories.get()
        if version is None or not is_stock:  # the store's own fold stands at a version that it has seen
            version = await _checked(history, aggregate_id, version)
        stored = StoredSnapshot(aggregate_id, text, version, now(), is_stock)

        def adopt() -> None:
            history.remember_snapshot(stored)
            self._counters.snapshots += 1

        async with self._locks.hold(aggregate_id):
            query, arguments = await _query(history, stored)
            # One in doubt needs no settling: whichever snapshot is the newest counts, whenever it came.
            await self._executor.execute_whole(query, *arguments, then=adopt, in_doubt=lambda _statement: None)
        return stored.snapshot()

    async def find(self, aggregate_id: str) -> StoredSnapshot | None:
        """Return the newest snapshot, None where there is none."""
        return await (await self._histories.get()).snapshot(aggregate_id)


async def _checked(history: History, aggregate_id: str, version: int | None) -> int:
    """Return the version that a snapshot may have: a replay that began beyond the events would miss the next ones."""
    newest_version = await history.newest_version(aggregate_id)
    # Over a write-only pool an aggregate without events may be one whose events this process never saw.
    is_known = history.is_shared or newest_version > 0
    if version is None and not is_known:
        return newest_version
    wanted = newest_version if version is None else version
    if wanted < 1 or (is_known and wanted > newest_version):
        raise ValueError(
            f"{aggregate_id}: no snapshot at version {wanted}, which is the fold of the events 1 to {wanted}; "
            + (f"name a version from 1 to {newest_version}" if newest_version else "append an event first")
        )
    return wanted


async def _query(history: History, stored: StoredSnapshot) -> tuple[str, tuple[Any, ...]]:
    arguments = (stored.aggregate_id, stored.state, stored.version, stored.timestamp)
    # A write-only pool cannot say which columns there are: the one that marks is named only where it is needed.
    if await history.has_snapshot_mark() and (history.is_shared or stored.is_stock):
        return statement("save_marked_snapshot"), (*arguments, stored.version if stored.is_stock else None)
    return statement("save_snapshot"), arguments
