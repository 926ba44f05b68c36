"""A batch as the arguments of the statement that commits it: a column each."""

from datetime import datetime
from typing import Any

from worker.event_store.partition.records import Batch, Term


def commit_call(term: Term, batch: Batch) -> tuple[Any, ...]:
    """Return the name of the statement that `batch` needs, and its arguments."""
    arguments = _arguments(term, batch)
    if batch.orders:
        return "commit_ordering_batch", *arguments, *_reservation_arguments(batch), *_order_arguments(batch)
    if batch.reservations:
        return "commit_reserving_batch", *arguments, *_reservation_arguments(batch)
    return "commit_batch", *arguments


def _arguments(term: Term, batch: Batch) -> tuple[Any, ...]:
    timestamp: datetime = batch.timestamp
    levels = batch.levels.values()
    return (
        term.partition,
        term.epoch,
        term.sequence,
        [command.command_id for command in batch.commands],
        [command.digest for command in batch.commands],
        [command.answer for command in batch.commands],
        timestamp,
        [event.aggregate_id for event in batch.events],
        [event.version for event in batch.events],
        [event.event_id for event in batch.events],
        [event.event_type for event in batch.events],
        [event.data for event in batch.events],
        [event.command_id for event in batch.events],
        [row.user for row in batch.audit],
        [row.delta for row in batch.audit],
        [row.sku for row in batch.audit],
        [row.location for row in batch.audit],
        [row.balance for row in batch.audit],
        [row.command_id for row in batch.audit],
        [row.event_id for row in batch.audit],
        [row.reason for row in batch.audit],
        [row.order_id for row in batch.audit],
        [row.version for row in batch.audit],
        [row.sku for row in levels],
        [row.location for row in levels],
        [row.on_hand for row in levels],
        [row.reserved for row in levels],
        [row.version for row in levels],
        [row.reserved_delta for row in batch.audit],
    )


def _reservation_arguments(batch: Batch) -> tuple[Any, ...]:
    rows = batch.reservations.values()
    return (
        [row.sku for row in rows],
        [row.reservation_id for row in rows],
        [row.location for row in rows],
        [row.quantity for row in rows],
        [row.held for row in rows],
        [row.fulfilled for row in rows],
        [row.released for row in rows],
        [row.status for row in rows],
        [row.expires_at for row in rows],
        [row.version for row in rows],
        [name in batch.made for name in batch.reservations],
    )


def _order_arguments(batch: Batch) -> tuple[Any, ...]:
    rows = batch.orders.values()
    return (
        list(batch.completed),
        list(batch.placed),
        list(batch.placed.values()),
        [row.aggregate_id for row in rows],
        [row.command_id for row in rows],
        [row.status for row in rows],
        [row.deadline for row in rows],
        [row.placed for row in rows],
        [row.progress for row in rows],
        [row.version for row in rows],
    )
