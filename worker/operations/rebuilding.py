"""Makes the rows of stock and reservations again from the events, while workers go on."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

import asyncpg

from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_of
from worker import domain
from worker.event_store import EventRecord
from worker.lane.codec import reservation_row, stored_event
from worker.operations.statements import statement

AGGREGATES_AT_ONCE = 200
"""The lanes wait while so many SKUs are folded; small, so that they hardly notice."""

FETCH_ROWS = 2_000

_LOCK_STOCK_ROWS = "LOCK TABLE stock_levels, reservations IN SHARE ROW EXCLUSIVE MODE"

_PARTITION_COUNT = "SELECT partition_count FROM topology"

# Who has decided from a wrong row holds a wrong state: a newer epoch makes every lane load afresh.
_RETIRE_EVERY_TERM = "UPDATE partitions SET epoch = epoch + 1"

Row = tuple[Any, ...]


@dataclass(slots=True)
class _Folded:
    """The rows that the events of some SKUs make."""

    levels: list[Row] = field(default_factory=list)
    reservations: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Rebuilt:
    """What was done."""

    aggregates: int = 0
    corrected: int = 0
    """Rows that were written because they were wrong or missing."""
    removed: int = 0
    """Rows that no event explains."""


async def rebuild(connection: asyncpg.Connection) -> Rebuilt:
    """Fold every SKU and write its rows of stock and reservations where they differ.

    Safe to repeat and to interrupt: each portion of SKUs is one transaction.
    Where anything was wrong, every lane loads its states afresh afterwards.
    Raises `asyncpg.PostgresError` when a fold makes negative stock, which no
    row may hold; `verify` names the SKU.
    """
    rebuilt = Rebuilt()
    after = ""
    partition_count = await connection.fetchval(_PARTITION_COUNT) or DEFAULT_PARTITION_COUNT
    while skus := [row["sku"] for row in await connection.fetch(statement("next_skus"), after, AGGREGATES_AT_ONCE)]:
        async with connection.transaction():
            await connection.execute(_LOCK_STOCK_ROWS)
            await _rebuild_portion(connection, skus, partition_count, rebuilt)
        after = skus[-1]
    if rebuilt.corrected or rebuilt.removed:
        await connection.execute(_RETIRE_EVERY_TERM)
    return rebuilt


async def _rebuild_portion(
    connection: asyncpg.Connection, skus: Sequence[str], partition_count: int, rebuilt: Rebuilt
) -> None:
    folded = _Folded()
    for sku in skus:
        await _fold(connection, sku, partition_count, folded)
    rebuilt.aggregates += len(skus)
    for table, rows, width in (("levels", folded.levels, 5), ("reservations", folded.reservations, 11)):
        columns = _columns(rows, width)
        rebuilt.corrected += len(await connection.fetch(statement(f"correct_{table}"), *columns))
        rebuilt.removed += len(await connection.fetch(statement(f"remove_{table}"), list(skus), *columns[:2]))


def _columns(rows: Sequence[Row], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]


async def _fold(connection: asyncpg.Connection, sku: str, partition_count: int, folded: _Folded) -> None:
    stock, touched = domain.Stock(), dict[str, int]()
    reservations: dict[str, tuple[domain.Reservation, int]] = {}
    async for row in connection.cursor(statement("events_of_sku"), sku, prefetch=FETCH_ROWS):
        event = stored_event(EventRecord(*row))
        if event is None:
            continue
        stock = domain.evolve(stock, event)
        touched.update((movement.location, row["version"]) for movement in domain.movements(event))
        if isinstance(event, domain.ReservationEvent):
            before, _ = reservations.get(event.reservation_id, (None, 0))
            reservations[event.reservation_id] = (domain.evolve_reservation(before, event), row["version"])
    for location, version in touched.items():
        level = stock.at(location)
        folded.levels.append((sku, location, level.on_hand, level.reserved, version))
    for name, (reservation, version) in reservations.items():
        kept = reservation_row((sku, name), reservation, version)
        folded.reservations.append((*astuple(kept), partition_of(sku, partition_count)))
