"""A shop in which all is well, to be changed."""

from datetime import UTC, datetime

from worker.operations.status import LedgerState, PartitionState, Status, WorkerState

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)

PARTITION = PartitionState(
    partition=0,
    owners=("one",),
    owned_since=NOON,
    epoch=3,
    claimed_by="one",
    claimed_at=NOON,
    queue_exists=True,
    consumers=1,
    expected_consumers=1,
    backlog=0,
    oldest_seconds=None,
    answered=12,
    commands_per_second=0.0,
    held_reservations=0,
    held_aggregates=0,
    parked_letters=0,
    last_error=None,
)
WORKER = WorkerState(
    worker="one.1a2b3c4d",
    name="one",
    answers=True,
    joined_at=NOON,
    partitions=(0,),
    database_away=False,
    other_shop=False,
)
STATUS = Status(
    partitions=(PARTITION,),
    workers=(WORKER,),
    ingress_ready=0,
    ingress_consumers=1,
    dead_letters_ready=0,
    ledger=LedgerState(),
    unknown_queues={},
    unanswered=None,
)
