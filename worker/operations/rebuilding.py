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

# Always first. The lanes' statement takes its lock on these tables before it runs, and only then the
# lock on its row of `partitions`. Whoever holds this one therefore finds no lane inside and may change
# rows of `partitions` without waiting for any; the other way round each would wait for the other.
# A lane that waits here meanwhile holds nothing, and then finds its epoch stale.
_LOCK_ROWS = "LOCK TABLE stock_levels, reservations IN SHARE ROW EXCLUSIVE MODE"

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
    The same transaction that corrects a row makes the terms of its partition
    stale: who has decided from the wrong row cannot commit afterwards, and
    loads afresh.
    Raises `asyncpg.PostgresError` when a fold makes negative stock, which no
    row may hold; `verify` names the SKU.
    """
    rebuilt = Rebuilt()
    partition_count = await connection.fetchval(statement("recorded_partition_count")) or DEFAULT_PARTITION_COUNT
    after = ""
    while skus := [row["sku"] for row in await connection.fetch(statement("next_skus"), after, AGGREGATES_AT_ONCE)]:
        async with connection.transaction():
            await connection.execute(_LOCK_ROWS)
            wrong = await _rebuild_portion(connection, skus, partition_count, rebuilt)
            if wrong:
                partitions = sorted({partition_of(sku, partition_count) for sku in wrong})
                await connection.execute(statement("retire_terms"), partitions)
        after = skus[-1]
    return rebuilt


async def _rebuild_portion(
    connection: asyncpg.Connection, skus: Sequence[str], partition_count: int, rebuilt: Rebuilt
) -> set[str]:
    """Return the SKUs that had wrong rows."""
    folded = _Folded()
    for sku in skus:
        await _fold(connection, sku, partition_count, folded)
    rebuilt.aggregates += len(skus)
    wrong: set[str] = set()
    for table, rows, width in (("levels", folded.levels, 5), ("reservations", folded.reservations, 11)):
        columns = _columns(rows, width)
        corrected = await connection.fetch(statement(f"correct_{table}"), *columns)
        removed = await connection.fetch(statement(f"remove_{table}"), list(skus), *columns[:2])
        rebuilt.corrected += len(corrected)
        rebuilt.removed += len(removed)
        wrong.update(row["sku"] for row in [*corrected, *removed])
    return wrong


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
