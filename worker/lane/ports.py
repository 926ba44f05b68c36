"""What a lane needs of the world.

The service gives it RabbitMQ and PostgreSQL; a simulation gives it twins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from worker.event_store import AggregateRecord, Batch, CommitOutcome, OrderRecord, ReservationName, ReservationRow, Term
from worker.ledger import FilingOutcome, Hold, Letter, OpenLetter, Verdict

AnswerKind = tuple[str | None, str, str | None]
"""Command type, outcome and reason of an answer."""


class SourceClosed(Exception):
    """No more deliveries will come, and what is unacknowledged will be delivered again.

    Raised when the channel or the connection is lost, the queue is deleted, or
    the lane was asked to stop.
    """


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which partition a lane works on, out of how many, and in whose name."""

    partition: int
    partition_count: int
    owner: str


class BundleKind(StrEnum):
    """What a lane has bundled for another."""

    ASKED = "asked"
    """Commands: what its orders ask of their lines."""
    TOLD = "told"
    """What the orders of the other are to hear of their lines."""


class Delivery(NamedTuple):
    """A message as the broker delivered it."""

    body: bytes
    tag: int
    """Rises by one with each delivery of a source; acknowledging one acknowledges all before it."""
    queue: str
    routing_key: str
    redelivered: bool = False
    reply_to: str | None = None
    correlation_id: str | None = None
    user_id: str | None = None
    """Verified by the broker, where set."""
    content_type: str | None = None
    headers: Mapping[str, Any] = MappingProxyType({})
    bundle: BundleKind | None = None
    """What a worker has bundled it as, which the broker has verified; see `worker.lane.bundles`."""
    letter_id: int | None = None
    """Where it comes from the ledger of dead letters, not from the broker."""


class Reply(NamedTuple):
    """An answer on its way to the reply exchange."""

    routing_key: str
    body: bytes
    correlation_id: str | None


class Bundle(NamedTuple):
    """Several messages as one, on its way to the lane of `partition`."""

    partition: int
    kind: BundleKind
    body: bytes


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A delivery that is set aside, and why."""

    delivery: Delivery
    reason: str
    error: str


class Source(Protocol):
    """Where commands come from, in the order of the queue."""

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        """Wait for a delivery; return it with those behind it that are already here.

        Together they hold at most `limit` commands; a bundle, which is taken whole, may go over that as the last.

        Without `wait`, return what is here, if that is anything. Raises `SourceClosed`.
        """

    async def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge `delivery` and all before it. Raises `SourceClosed`."""

    async def pause(self, delay_seconds: float) -> None:
        """Wait; raise `SourceClosed` as soon as the source closes meanwhile."""


class Store(Protocol):
    """Where commands take effect; see `worker.event_store.PartitionStore`."""

    async def claim(self, partition: int, owner: str) -> Term:
        """Become the owner of `partition`."""

    async def load(self, aggregate_ids: Sequence[str]) -> list[AggregateRecord]:
        """Return the aggregates as they stand."""

    async def load_reservations(self, names: Sequence[ReservationName]) -> list[ReservationRow]:
        """Return those of the named reservations that exist."""

    async def load_orders(self, aggregate_ids: Sequence[str]) -> list[OrderRecord]:
        """Return the orders as they stand."""

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        """Write `batch`, whole or not at all."""


class Ledger(Protocol):
    """Where dead letters lie, and lines wait; see `worker.ledger.LaneLedger`."""

    async def holds(self, partition: int) -> list[Hold]:
        """Return the aggregates of `partition` that wait."""

    async def file(self, term: Term, letters: Sequence[Letter], now: datetime) -> FilingOutcome:
        """File `letters`, all or none."""

    async def open_letters(self, partition: int, limit: int) -> list[OpenLetter]:
        """Return what has to be decided now."""

    async def settle(
        self, term: Term, verdicts: Sequence[Verdict], holds: Sequence[Hold], ended: Sequence[str], now: datetime
    ) -> None:
        """Write what became of letters and lines."""

    async def earlier_attempts(self, partition: int, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return how often messages were begun that were not ended."""

    async def note_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        """Note that the messages are begun."""

    async def forget_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        """Note that they are ended."""


class PublishFailed(Exception):
    """Not every message was confirmed; publish again."""


class Outbox(Protocol):
    """Where answers, dead letters and what lanes send each other go."""

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        """Publish all, dead letters first; return once the broker has confirmed every one.

        Raises `PublishFailed`.
        """


class Environment(Protocol):
    """The time and the ids; arguments, so that a run can be repeated."""

    def now(self) -> datetime:
        """Return the time, in UTC and aware of it."""

    def event_id(self) -> UUID:
        """Return a new UUID4."""


class Observer(Protocol):
    """Told what a lane does, for metrics and logs. Never waits, never raises."""

    def claimed(self, term: Term) -> None:
        """Tell that the lane owns the partition now."""

    def committed(self, command_count: int, elapsed_seconds: float) -> None:
        """Tell that a batch of `command_count` new commands is durable."""

    def conflicted(self, kind: str, error: Exception) -> None:
        """Tell of a conflict with another writer: `version`, or `fence` when it took the partition over."""

    def retried(self, what: str, error: Exception) -> None:
        """Tell what failed and is tried again.

        `commit` (with its claim and load), `publish`; `file` a dead letter, `park` a
        command for which there is no room, `decide` letters, `count` attempts.
        """

    def isolated(self, command_count: int, error: Exception) -> None:
        """Tell that a batch failed and its commands are taken one by one."""

    def failed(self, command_id: UUID | None, error: Exception) -> None:
        """Tell that one command alone could not be processed; it is dead-lettered."""

    def answered(self, counts: Mapping[AnswerKind, int], ages_seconds: Sequence[float]) -> None:
        """Tell of published answers; the ages are from `issued_at`, of those commands that have one."""

    def waiting_since(self, oldest: datetime | None) -> None:
        """Tell when the oldest unprocessed command was issued; None when nothing waits."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All that a lane needs of the world."""

    source: Source
    store: Store
    ledger: Ledger
    outbox: Outbox
    environment: Environment
    observer: Observer
