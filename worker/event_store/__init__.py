"""The event store: a library for people who hold an asyncpg pool, and what the lanes commit through.

Standard library and asyncpg only.

The library
    store            EventStore: append, read, replay, snapshot, subscribe
    inventory        stock on top of it, never below zero
    projection       a read model in memory
    snapshot_worker  snapshots by interval and by number of events
    retry, upcasting, counters   values that change how it works, or tell how
    appending        inside: one append of an aggregate at a time; append_plan, execution,
                     aggregate_cache, aggregate_locks, kept_aggregate
    history          inside: reading back, by history_in_database or history_in_memory;
                     pools, stored
    subscriptions    inside: a queue and a task per handler; snapshots
The lanes
    partition_store  claim, load, commit a batch; records: what goes in and out
Both
    statements       reads sql/: every statement, one file each; writes.sql is what all appends write
    errors           what can go wrong, by who must act
"""

from worker.event_store.aggregate_cache import AGGREGATE_CACHE_LIMIT
from worker.event_store.append_plan import Decide, NewEvent
from worker.event_store.counters import Counters
from worker.event_store.errors import (
    ConcurrencyConflictError,
    EventStoreError,
    Fenced,
    StatementRefused,
    StoreUnavailable,
    UnknownSchemaVersion,
)
from worker.event_store.events import Event, Snapshot
from worker.event_store.inventory import InventoryAggregate
from worker.event_store.kept_aggregate import KeptAggregate
from worker.event_store.partition_store import PartitionStore
from worker.event_store.projection import ReadModelProjection
from worker.event_store.records import (
    AggregateRecord,
    Answered,
    AuditRow,
    Batch,
    CommitOutcome,
    Committed,
    EventRecord,
    EventRow,
    LevelRow,
    RecordedCommand,
    ReservationName,
    ReservationRow,
    StoredAnswer,
    Term,
)
from worker.event_store.retry import RetryPolicy
from worker.event_store.snapshot_worker import SnapshotWorker
from worker.event_store.stock import fold_stock
from worker.event_store.store import EventStore
from worker.event_store.subscriptions import HANDLER_QUEUE_LIMIT_EVENTS
from worker.event_store.upcasting import Upcasters

__all__ = [
    "AGGREGATE_CACHE_LIMIT",
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
    "LevelRow",
    "NewEvent",
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
    "Upcasters",
    "fold_stock",
]
