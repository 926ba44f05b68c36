"""The values that go into the store and come out of it.

Times are naive UTC, as the tables hold them. Identifiers are texts or UUIDs;
the store gives them no meaning beyond equality. What is made for every command
is a named tuple: as unchangeable as a frozen dataclass, at a third of its cost.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Term:
    """One ownership of a partition, from its claim until the next one by anybody."""

    partition: int
    epoch: int
    sequence: int
    """How many commands of the partition have been answered so far."""


class RecordedCommand(NamedTuple):
    """A decided command: what it asked for, as a digest, and the answer as it will be sent."""

    command_id: UUID
    digest: bytes
    answer: str


class EventRow(NamedTuple):
    """An event to be appended; `data` is JSON."""

    aggregate_id: str
    version: int
    event_id: UUID
    event_type: str
    data: str
    command_id: UUID | None


class AuditRow(NamedTuple):
    """A change at one location: who, how many units on hand more or fewer, what is on hand after, and units held."""

    user: str
    delta: int
    sku: str
    location: str
    balance: int
    command_id: UUID | None
    event_id: UUID
    reason: str | None
    order_id: str | None
    version: int
    reserved_delta: int = 0


class LevelRow(NamedTuple):
    """The stock row as it stands after the batch."""

    sku: str
    location: str
    on_hand: int
    reserved: int
    version: int


ReservationName = tuple[str, str]
"""SKU and reservation id."""


class ReservationRow(NamedTuple):
    """The reservation as it stands after the batch; `expires_at` is naive UTC."""

    sku: str
    reservation_id: str
    location: str
    quantity: int
    held: int
    fulfilled: int
    released: int
    status: str
    expires_at: datetime | None
    version: int


class OrderRow(NamedTuple):
    """The order as it stands after the batch; `deadline` is naive UTC, `placed` and `progress` are JSON."""

    aggregate_id: str
    command_id: UUID
    status: str
    deadline: datetime
    placed: str
    progress: str
    version: int


@dataclass(slots=True)
class Batch:
    """All that one commit writes, in the order of the commands. One timestamp stands for all of it."""

    timestamp: datetime
    commands: list[RecordedCommand] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)
    levels: dict[tuple[str, str], LevelRow] = field(default_factory=dict)
    """By SKU and location: of several changes in one batch only the last is a row."""
    reservations: dict[ReservationName, ReservationRow] = field(default_factory=dict)
    """The same of reservations."""
    made: set[ReservationName] = field(default_factory=set)
    """Those of `reservations` that there were not before."""
    orders: dict[str, OrderRow] = field(default_factory=dict)
    """The same of orders, by aggregate id."""
    placed: dict[UUID, bytes] = field(default_factory=dict)
    """The digests of commands that are recorded now and will be answered by another batch."""
    completed: set[UUID] = field(default_factory=set)
    """Those of `commands` that an earlier batch has placed."""


class StoredAnswer(NamedTuple):
    """What was answered to a command id, once and for all; None while that is still to come."""

    command_id: UUID
    digest: bytes
    answer: str | None


@dataclass(frozen=True, slots=True)
class Committed:
    """The batch is durable."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Some of the batch's commands had been answered before; nothing was written."""

    answers: tuple[StoredAnswer, ...]


CommitOutcome = Committed | Answered


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A stored event, for folding; `data` is JSON."""

    event_type: str
    data: str
    version: int


@dataclass(frozen=True, slots=True)
class AggregateRecord:
    """An aggregate as loaded.

    `levels` are its stock rows where those count all of its events; where they
    did not (another program appended stock without them), `levels` is None and
    `events` holds all events, to be folded. An event of a type that is not the
    lanes' own moves no stock; it counts in `version`.
    """

    aggregate_id: str
    version: int
    levels: tuple[LevelRow, ...] | None
    events: tuple[EventRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order as loaded; `version` is 0 where there is none.

    Where its row does not count all of its events, the row's part is None and
    `events` holds all of them, to be folded.
    """

    aggregate_id: str
    version: int
    status: str | None
    placed: str | None
    progress: str | None
    answer: StoredAnswer | None = None
    """Of the command that placed it, where that was asked for."""
    events: tuple[EventRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftHold:
    """What is still held for an order that is decided."""

    reservation_id: str
    order: OrderRecord
