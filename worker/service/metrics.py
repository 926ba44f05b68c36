"""The figures a worker gives to Prometheus, and the observer through which lanes report them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.reasons import Reason
from worker.event_store import Term
from worker.lane.ports import AnswerKind
from worker.replay.ledger_clock import OPEN_STATES, Figures
from worker.service.health import Health
from worker.service.lane_record import LaneRecord

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COMMANDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """All figures of one process, in a registry of their own."""

    def __init__(self, health: Health) -> None:
        """`health` learns from the lanes whether the database can be used."""
        self.health = health
        self.registry = CollectorRegistry()
        self.commands = Counter(
            "orders_commands", "Answers published", ["type", "outcome", "reason"], registry=self.registry
        )
        self.batch_commands = Histogram(
            "orders_batch_commands", "New commands per commit", registry=self.registry, buckets=_COMMANDS
        )
        self.commit_seconds = Histogram(
            "orders_commit_seconds", "Duration of the commit statement", registry=self.registry, buckets=_SECONDS
        )
        self.end_to_end_seconds = Histogram(
            "orders_end_to_end_seconds",
            "From issued_at of a command to its answer's confirm",
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.oldest_unprocessed_seconds = Gauge(
            "orders_oldest_unprocessed_seconds",
            "How long ago the oldest command of the batch in work was issued",
            ["partition"],
            registry=self.registry,
        )
        self.partitions_owned = Gauge(
            "orders_partitions_owned", "Partitions in this worker's share", registry=self.registry
        )
        self.conflicts = Counter(
            "orders_conflicts",
            "Conflicts: command_id (an id used for another command), version, fence",
            ["kind"],
            registry=self.registry,
        )
        self.retries = Counter(
            "orders_retries",
            "Steps tried again: commit, publish, forward, connect and others",
            ["what"],
            registry=self.registry,
        )
        self.dead_letters_open = Gauge(
            "orders_dead_letters_open",
            "Dead letters that are open, in the whole shop: set_aside, held, parked",
            ["state"],
            registry=self.registry,
        )
        self.aggregates_held = Gauge(
            "orders_aggregates_held", "SKUs and orders that wait behind a dead letter", registry=self.registry
        )
        self.reconnects = Counter(
            "orders_reconnects", "Connections opened anew after a loss", ["server"], registry=self.registry
        )

    def show_ledger(self, figures: Figures) -> None:
        """Show the ledger of dead letters in numbers."""
        for state in OPEN_STATES:
            self.dead_letters_open.labels(state).set(figures.open_letters.get(state, 0))
        self.aggregates_held.set(figures.held_aggregates)


class LaneMetrics:
    """The observer of one lane: figures into `Metrics`, what an operator should know into the log and the record."""

    def __init__(self, metrics: Metrics, partition: int | None, record: LaneRecord) -> None:
        """Observe the lane of `partition`; the forwarder or the collector where that is None."""
        self._metrics = metrics
        self._record = record
        self._log = structlog.get_logger().bind(partition=partition)
        self._lost_database = False
        if partition is not None:
            gauge = metrics.oldest_unprocessed_seconds.labels(f"{partition:02d}")
            gauge.set_function(self._oldest_seconds)

    def claimed(self, term: Term) -> None:
        """Log the new term."""
        self._log.info("lane.claimed", epoch=term.epoch, sequence=term.sequence)
        self._record.epoch = term.epoch
        if self._lost_database:
            self._lost_database = False
            self._metrics.reconnects.labels("database").inc()
        self._metrics.health.database_problem = None

    def committed(self, command_count: int, elapsed_seconds: float) -> None:
        """Record one commit."""
        self._metrics.batch_commands.observe(command_count)
        self._metrics.commit_seconds.observe(elapsed_seconds)

    def conflicted(self, kind: str, error: Exception) -> None:
        """Count a conflict with another writer."""
        self._log.warning("lane.conflicted", kind=kind, error=str(error))
        self._metrics.conflicts.labels(kind).inc()
        self._record.note_error(f"conflict ({kind})", error)

    def retried(self, what: str, error: Exception) -> None:
        """Count a step that is tried again."""
        self._log.warning("lane.retried", what=what, error=str(error))
        self._metrics.retries.labels(what).inc()
        self._record.note_error(what, error)
        if what == "commit":
            self._lost_database = True
            self._metrics.health.database_problem = "the database is away"

    def isolated(self, command_count: int, error: Exception) -> None:
        """Report a batch that is taken apart."""
        self._log.warning("lane.isolated", command_count=command_count, error=str(error))
        self._record.note_error("batch", error)

    def failed(self, command_id: UUID | None, error: Exception) -> None:
        """Report a command that could not be processed, with its traceback."""
        self._log.error("lane.failed", command_id=str(command_id), error=str(error), exc_info=error)
        self._record.note_error(f"command {command_id}", error)

    def answered(self, counts: Mapping[AnswerKind, int], ages_seconds: Sequence[float]) -> None:
        """Count published answers."""
        for (command_type, outcome, reason), count in counts.items():
            self._metrics.commands.labels(command_type or "", outcome, reason or "").inc(count)
            if reason == Reason.CONFLICT:
                self._metrics.conflicts.labels("command_id").inc(count)
        for age_seconds in ages_seconds:
            self._metrics.end_to_end_seconds.observe(age_seconds)

    def waiting_since(self, oldest: datetime | None) -> None:
        """Remember since when the oldest command waits."""
        self._record.oldest = oldest

    def _oldest_seconds(self) -> float:
        oldest = self._record.oldest
        return 0.0 if oldest is None else self._record.age_seconds(oldest)
