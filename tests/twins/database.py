"""The tables, and the rules that PostgreSQL keeps on them."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from worker.event_store import (
    AuditRow,
    Batch,
    ConcurrencyConflictError,
    EventRow,
    LevelRow,
    OrderRow,
    RecordedCommand,
    ReservationName,
    ReservationRow,
    StatementRefused,
)

_BIGINT_LIMIT = 2**63


@dataclass(slots=True)
class PartitionRow:
    """The fence of one partition."""

    owner: str | None = None
    epoch: int = 0
    sequence: int = 0


@dataclass(slots=True)
class DatabaseTwin:
    """All rows. Every write goes through `write`, which refuses it whole where a rule forbids a part."""

    partitions: dict[int, PartitionRow] = field(default_factory=dict)
    commands: dict[UUID, tuple[int, int, RecordedCommand]] = field(default_factory=dict)
    """With the partition and the sequence number."""
    events: dict[tuple[str, int], EventRow] = field(default_factory=dict)
    audit: list[AuditRow] = field(default_factory=list)
    levels: dict[tuple[str, str], LevelRow] = field(default_factory=dict)
    reservations: dict[ReservationName, ReservationRow] = field(default_factory=dict)
    orders: dict[str, OrderRow] = field(default_factory=dict)
    placed: dict[UUID, bytes] = field(default_factory=dict)
    """The digests of commands that are recorded and not answered."""
    refused_commands: set[UUID] = field(default_factory=set)
    """Commands whose content it will not hold, as a test wants it."""
    deadly_commands: dict[UUID, BaseException] = field(default_factory=dict)
    """Commands that end the process which commits them, and how."""

    def events_of(self, aggregate_id: str) -> list[EventRow]:
        """Return the events of one aggregate in order."""
        return [row for key, row in sorted(self.events.items()) if key[0] == aggregate_id]

    def levels_of(self, sku: str) -> list[LevelRow]:
        """Return the stock rows of one SKU."""
        return [row for key, row in sorted(self.levels.items()) if key[0] == sku]

    def write(self, partition: int, batch: Batch) -> None:
        """Write `batch` under the next sequence numbers; raise as PostgreSQL would, and then write nothing."""
        decided = [command.command_id for command in batch.commands if not _is_forestalled(command)]
        for command_id in decided:
            if command_id in self.deadly_commands:
                raise self.deadly_commands[command_id]
        _require_storable(batch)
        if self.refused_commands.intersection(decided):
            raise StatementRefused("the content of a command")
        self._require_free_keys(batch)
        row = self.partitions[partition]
        for sequence, command in enumerate(batch.commands, row.sequence + 1):
            self.commands[command.command_id] = (partition, sequence, command)
        row.sequence += len(batch.commands)
        self.events.update({(event.aggregate_id, event.version): event for event in batch.events})
        self.audit.extend(batch.audit)
        self.levels.update(batch.levels)
        there = batch.made | self.reservations.keys()
        self.reservations.update({name: row for name, row in batch.reservations.items() if name in there})
        self.orders.update(batch.orders)
        for command_id in batch.completed:
            del self.placed[command_id]
        self.placed.update(batch.placed)

    def _require_free_keys(self, batch: Batch) -> None:
        ids = [command.command_id for command in batch.commands] + list(batch.placed)
        keys = [(event.aggregate_id, event.version) for event in batch.events]
        if len(set(ids)) < len(ids) or any(self._is_taken(command_id, batch) for command_id in ids):
            raise ConcurrencyConflictError("commands_pkey")
        if len(set(keys)) < len(keys) or any(key in self.events for key in keys):
            raise ConcurrencyConflictError("events_pkey")
        if not batch.made.isdisjoint(self.reservations):
            raise ConcurrencyConflictError("reservations_pkey")

    def _is_taken(self, command_id: UUID, batch: Batch) -> bool:
        return command_id in self.commands or (command_id in self.placed and command_id not in batch.completed)


def _is_forestalled(command: RecordedCommand) -> bool:
    """Return whether an order's lane has recorded it, so that the lane of the SKU does not decide it."""
    answer = json.loads(command.answer)
    return answer.get("type") == "sell_line" and answer["sku"] is None


def _require_storable(batch: Batch) -> None:
    texts = [event.data for event in batch.events] + [command.answer for command in batch.commands]
    for row in batch.audit:
        texts += [row.user, row.sku, row.location, row.reason or "", row.order_id or ""]
    if any("\0" in text for text in texts):
        raise StatementRefused("a text holds NUL")
    for event in batch.events:
        _require_json(event.data)
    numbers = [number for row in batch.levels.values() for number in (row.on_hand, row.reserved, row.version)]
    if any(number >= _BIGINT_LIMIT for number in numbers):
        raise StatementRefused("a number has more than 64 bits")
    if any(not 0 <= row.reserved <= row.on_hand for row in batch.levels.values()):
        raise StatementRefused("stock_levels_check")
    if any(not _is_whole(row) for row in batch.reservations.values()):
        raise StatementRefused("reservations_check")
    if any(row.balance < 0 for row in batch.audit):
        raise StatementRefused("audit_log_balance_check")


def _is_whole(row: ReservationRow) -> bool:
    parts = (row.held, row.fulfilled, row.released)
    return row.quantity == sum(parts) and min(parts) >= 0 and (row.status == "held") == (row.held > 0)


def _require_json(text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise StatementRefused("the data is not JSON") from error
