"""The rows that the events of one SKU, or of one whole order, make."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from schemas.partitions import partition_of
from schemas.texts import ORDER_PREFIX
from worker import domain
from worker.event_store import EventRecord
from worker.lane.event_codec import stored_event
from worker.lane.orders.codec import folded_order, order_row
from worker.lane.row_codec import reservation_row
from worker.operations.statements import statement

FETCH_ROWS = 2_000

COUNT_LIMIT = 2**63
"""What a column of PostgreSQL no longer holds."""

Row = tuple[Any, ...]


class Unfoldable(Exception):
    """Events that no rows can express; `verify` names all that is wrong with them."""


@dataclass(slots=True)
class FoldedRows:
    """Rows, in the order of the columns that `sql/correct_*.sql` write."""

    levels: list[Row] = field(default_factory=list)
    reservations: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)

    def extend(self, other: "FoldedRows") -> None:
        """Add the rows of another SKU."""
        self.levels.extend(other.levels)
        self.reservations.extend(other.reservations)
        self.orders.extend(other.orders)


async def fold_rows(connection: asyncpg.Connection, sku: str, partition_count: int) -> FoldedRows:
    """Return the rows of `sku`, or of `order:<its id>`. Raises `Unfoldable`, which says where and why."""
    if sku.startswith(ORDER_PREFIX):
        return await _fold_order(connection, sku, partition_count)
    fold = _Fold()
    async for row in connection.cursor(statement("events_of_sku"), sku, prefetch=FETCH_ROWS):
        try:
            fold.apply(EventRecord(*row))
        except (ValueError, RecursionError) as error:
            raise Unfoldable(f"version {row['version']}: {error}") from error
    return FoldedRows(
        [(sku, *level) for level in fold.levels()],
        [
            (*reservation_row((sku, name), reservation, version), partition_of(sku, partition_count))
            for name, (reservation, version) in fold.reservations.items()
        ],
    )


async def _fold_order(connection: asyncpg.Connection, name: str, partition_count: int) -> FoldedRows:
    records = [EventRecord(*row) for row in await connection.fetch(statement("events_of_sku"), name)]
    try:
        order = folded_order(records)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise Unfoldable(f"an event of the order cannot be read: {error!r}") from error
    if order is None:
        return FoldedRows()
    return FoldedRows(orders=[(*order_row(name, order), partition_of(name, partition_count))])


class _Fold:
    """One SKU, event by event."""

    def __init__(self) -> None:
        self._stock = domain.Stock()
        self._touched: dict[str, int] = {}
        self.reservations: dict[str, tuple[domain.Reservation, int]] = {}
        """With the version of the last event about each."""

    def apply(self, record: EventRecord) -> None:
        """Move on by one event. Raises `ValueError` where no rows can stand for what follows."""
        event = stored_event(record)
        if event is None:
            return
        self._stock = domain.evolve(self._stock, event)
        for movement in domain.movements(event):
            self._touched[movement.location] = record.version
            _require_expressible(movement.location, self._stock.at(movement.location))
        if isinstance(event, domain.ReservationEvent):
            self._reserve(event, record.version)

    def levels(self) -> Iterator[Row]:
        """Yield location, what is on hand and reserved there, and the version that touched it last."""
        for location, version in self._touched.items():
            level = self._stock.at(location)
            yield location, level.on_hand, level.reserved, version

    def _reserve(self, event: domain.ReservationEvent, version: int) -> None:
        before, _ = self.reservations.get(event.reservation_id, (None, 0))
        after = domain.evolve_reservation(before, event)
        if after.held < 0:
            raise ValueError(f"{event.reservation_id}: {after.held} held")
        self.reservations[event.reservation_id] = (after, version)


def _require_expressible(location: str, level: domain.Level) -> None:
    if not 0 <= level.reserved <= level.on_hand < COUNT_LIMIT:
        raise ValueError(f"{level.on_hand} on hand and {level.reserved} reserved at {location}")
