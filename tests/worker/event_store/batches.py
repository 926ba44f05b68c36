"""Batches to commit, made by hand."""

from datetime import datetime, timedelta
from uuid import UUID

from worker.event_store import AuditRow, Batch, EventRow, LevelRow, RecordedCommand, ReservationRow

TIMESTAMP = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - the tables hold naive UTC


def batch_of(*parts: Batch) -> Batch:
    """Return the parts as one batch."""
    whole = Batch(TIMESTAMP)
    for part in parts:
        whole.commands += part.commands
        whole.events += part.events
        whole.audit += part.audit
        whole.levels |= part.levels
        whole.reservations |= part.reservations
        whole.made |= part.made
    return whole


def added(number: int, sku: str = "A", *, version: int = 1, on_hand: int = 5, user: str = "till-3") -> Batch:
    """Return what one applied restock of 5 units writes: the command with the id `UUID(int=number)`."""
    command_id, event_id = UUID(int=number), UUID(int=1_000 + number)
    return Batch(
        TIMESTAMP,
        [_recorded(number)],
        [EventRow(sku, version, event_id, "StockAdded", '{"item_id": "main", "quantity": 5}', command_id)],
        [AuditRow(user, 5, sku, "main", on_hand, command_id, event_id, "delivery", "O-1", version)],
        {(sku, "main"): LevelRow(sku, "main", on_hand, 0, version)},
    )


def reserving(number: int, *, version: int = 1, held: int = 5, status: str = "held") -> Batch:
    """Return a batch in which the reservation `r` of 5 units is made, in version 1, or changes, beside one command."""
    batch = added(number, version=version)
    batch.reservations["A", "r"] = ReservationRow(
        "A", "r", "main", 5, held, 5 - held, 0, status, TIMESTAMP + timedelta(seconds=version), version
    )
    if version == 1:
        batch.made.add(("A", "r"))
    return batch


def refused(number: int) -> Batch:
    """Return what one refused command writes."""
    return Batch(TIMESTAMP, [_recorded(number)])


def _recorded(number: int) -> RecordedCommand:
    return RecordedCommand(UUID(int=number), bytes([number % 256]), f'{{"number": {number},  "spaced": true}}')
