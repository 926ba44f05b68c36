"""What a worker tells of itself when it is asked. Times are aware, and by that worker's clock."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LaneError:
    """What went wrong last, and when."""

    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class LaneReport:
    """One partition of a worker's share."""

    partition: int
    since: datetime
    """When the worker took it into its share."""
    leaving: bool
    """Whether another worker has it in its share now, and this one is about to let go."""
    epoch: int | None
    """Of the last term it claimed; None before its first command."""
    held: int
    """Commands that were delivered to it and are not acknowledged."""
    oldest_seconds: float | None
    """How long ago the oldest of these was issued; None where there is none, or none that says so."""
    last_error: LaneError | None


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """One worker."""

    worker: str
    """Its name among the others, which no two share."""
    name: str
    """What it is set to be called."""
    shop: str
    """Which database it works on."""
    joined_at: datetime
    members: tuple[str, ...]
    """Who shares the partitions, as this worker sees it."""
    lanes: tuple[LaneReport, ...]
    database_away: bool
    """Whether it has stepped aside because its database does not answer."""
