"""The event store: a library for people who hold an asyncpg pool, and what the lanes commit through.

Standard library and asyncpg only.

For people with a pool
    store          EventStore: append, read, replay, snapshot, subscribe
    inventory      stock on top of it, never below zero
    projection     a read model in memory
    retry, counters   values that change how it works, or tell how
For the lanes
    partition      claim, load, commit a batch
Inside
    appending      one append of an aggregate at a time
    history        reading back, upcasting
    snapshots      save, read, make in the background
    seen_versions  what a projection has counted
    subscriptions  a queue and a task per handler
    stock          what an event does to stock
Beneath all of it
    events, errors what goes in and out, and what can go wrong, by who must act
    statements     reads sql/: every statement, one file each; writes.sql is what all appends write
    execution      one statement, whole or not at all
    loops          what is over because its loop is
    pools          what is asked of a pool
"""

from worker.event_store.appending.aggregate_cache import AGGREGATE_CACHE_LIMIT
from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.appending.plan import Decide, NewEvent
from worker.event_store.counters import Counters
from worker.event_store.errors import (
    ConcurrencyConflictError,
    EventStoreError,
    Fenced,
    Oversold,
    StatementRefused,
    StoreUnavailable,
    UnknownSchemaVersion,
    UnreadableEvent,
)
from worker.event_store.events import Event, Snapshot
from worker.event_store.execution import CANCELLED_WAIT_LIMIT_SECONDS
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.inventory import InventoryAggregate
from worker.event_store.partition.partition_store import PartitionStore
from worker.event_store.partition.records import (
    AggregateRecord,
    Answered,
    AuditRow,
    Batch,
    CommitOutcome,
    Committed,
    EventRecord,
    EventRow,
    LeftHold,
    LevelRow,
    OrderRecord,
    OrderRow,
    RecordedCommand,
    ReservationName,
    ReservationRow,
    StoredAnswer,
    Term,
)
from worker.event_store.partition.session import LaneSession
from worker.event_store.projection import ReadModelProjection
from worker.event_store.retry import RetryPolicy
from worker.event_store.snapshots.snapshot_worker import SnapshotWorker
from worker.event_store.stock import fold_stock
from worker.event_store.store import EventStore
from worker.event_store.subscriptions.subscription import HANDLER_MISSED_LIMIT_AGGREGATES, HANDLER_QUEUE_LIMIT_EVENTS

__all__ = [
    "AGGREGATE_CACHE_LIMIT",
    "CANCELLED_WAIT_LIMIT_SECONDS",
    "HANDLER_MISSED_LIMIT_AGGREGATES",
    "HANDLER_QUEUE_LIMIT_EVENTS",
    "AggregateRecord",
    "Answered",
    "AuditRow",
    "Batch",
    "CommitOutcome",
    "Committed",
    "ConcurrencyConflictError",
    "Counters",
    "Decide",
    "Event",
    "EventRecord",
    "EventRow",
    "EventStore",
    "EventStoreError",
    "Fenced",
    "InventoryAggregate",
    "KeptAggregate",
    "LaneSession",
    "LeftHold",
    "LevelRow",
    "NewEvent",
    "OrderRecord",
    "OrderRow",
    "Oversold",
    "PartitionStore",
    "ReadModelProjection",
    "RecordedCommand",
    "ReservationName",
    "ReservationRow",
    "RetryPolicy",
    "Snapshot",
    "SnapshotWorker",
    "StatementRefused",
    "StoreUnavailable",
    "StoredAnswer",
    "Term",
    "UnknownSchemaVersion",
    "UnreadableEvent",
    "Upcasters",
    "fold_stock",
]
