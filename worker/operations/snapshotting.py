"""Snapshots of every SKU that has grown since its last one, while workers go on."""

from dataclasses import dataclass

import asyncpg

from worker.event_store import EventStore
from worker.operations.statements import statement

AGGREGATES_AT_ONCE = 1_000


@dataclass(slots=True)
class Snapshotted:
    """What was done, in SKUs."""

    made: int = 0
    left: int = 0
    """Those that had not grown enough."""


async def snapshot(pool: asyncpg.Pool, least_events: int) -> Snapshotted:
    """Make a snapshot of the stock of each SKU with at least `least_events` events beyond its newest one.

    A snapshot only makes a later replay shorter: lanes decide without it. Safe to
    repeat, to interrupt and to run beside itself.
    """
    done, store, after = Snapshotted(), EventStore(pool), ""
    while rows := await pool.fetch(statement("snapshot_lags"), after, AGGREGATES_AT_ONCE):
        for aggregate_id, lag_events in rows:
            if lag_events < least_events:
                done.left += 1
            else:
                await store.create_stock_snapshot(aggregate_id)
                done.made += 1
        after = rows[-1]["aggregate_id"]
    return done
