"""The event store. Standard library and asyncpg only.

records          what is written and read: plain values
partition_store  the store of one lane: claim, load, commit a batch
sql/             every statement, one file each
errors           what can go wrong, by who must act
"""

from worker.event_store.errors import (
    ConcurrencyConflictError,
    EventStoreError,
    Fenced,
    StatementRefused,
    StoreUnavailable,
)
from worker.event_store.partition_store import PartitionStore
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
    StoredAnswer,
    Term,
)

__all__ = [
    "AggregateRecord",
    "Answered",
    "AuditRow",
    "Batch",
    "CommitOutcome",
    "Committed",
    "ConcurrencyConflictError",
    "EventRecord",
    "EventRow",
    "EventStoreError",
    "Fenced",
    "LevelRow",
    "PartitionStore",
    "RecordedCommand",
    "StatementRefused",
    "StoreUnavailable",
    "StoredAnswer",
    "Term",
]
