"""The whole shop at one moment. Times are UTC and aware."""

from dataclasses import dataclass
from datetime import datetime

from worker.operations.status.ledger_state import LedgerState
from worker.ownership import LaneError


@dataclass(frozen=True, slots=True)
class PartitionState:
    """One partition."""

    partition: int
    owners: tuple[str, ...]
    """The workers that have it in their share; one, if all is well."""
    owned_since: datetime | None
    epoch: int
    """Rises with every claim; a worker claims a partition with its first command."""
    claimed_by: str | None
    claimed_at: datetime | None
    queue_exists: bool
    consumers: int
    expected_consumers: int
    """Of the workers that answered; while a partition is handed over, two."""
    backlog: int
    """Commands that are not processed: at the broker, and delivered to workers that answered."""
    oldest_seconds: float | None
    """How long ago the oldest of them was issued; None where there is none, or nobody can tell."""
    answered: int
    """Commands decided so far."""
    commands_per_second: float
    """Decided while status looked."""
    held_reservations: int
    """Reservations that hold units."""
    held_aggregates: int
    """SKUs and orders that wait for what becomes of a dead letter."""
    parked_letters: int
    """Commands that wait behind those."""
    last_error: LaneError | None
    """Of its owner, since that has it."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker that is there, or ought to be."""

    worker: str
    """Its name among the others, which no two share."""
    name: str
    """What it is set to be called."""
    answers: bool
    joined_at: datetime | None
    partitions: tuple[int, ...]
    database_away: bool
    other_shop: bool
    """Whether it works on another database."""


@dataclass(frozen=True, slots=True)
class Status:
    """What was found."""

    partitions: tuple[PartitionState, ...]
    workers: tuple[WorkerState, ...]
    ingress_ready: int
    """Commands that wait to be forwarded."""
    ingress_consumers: int
    dead_letters_ready: int
    """Dead letters that wait to be collected."""
    ledger: LedgerState
    unknown_queues: dict[str, int]
    """Queues of partitions that there are not, and how much waits there."""
    unanswered: str | None
    """Why the workers could not be asked, or None."""
