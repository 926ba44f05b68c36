"""Makes the rows of stock, reservations and orders again from the events, while workers go on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_of
from worker.operations.folded_rows import FoldedRows, Row, Unfoldable, fold_rows
from worker.operations.statements import statement

AGGREGATES_AT_ONCE = 200
"""The lanes wait while so many SKUs are folded; small, so that they hardly notice."""

# Always first. The lanes' statement takes its lock on these tables before it runs, and only then the
# lock on its row of `partitions`. Whoever holds this one therefore finds no lane inside and may change
# rows of `partitions` without waiting for any; the other way round each would wait for the other.
# A lane that waits here meanwhile holds nothing, and then finds its epoch stale.
_LOCK_ROWS = "LOCK TABLE stock_levels, reservations, orders IN SHARE ROW EXCLUSIVE MODE"


@dataclass(slots=True)
class Rebuilt:
    """What was done."""

    aggregates: int = 0
    corrected: int = 0
    """Rows that were written because they were wrong or missing."""
    removed: int = 0
    """Rows that no event explains."""
    unfoldable: dict[str, str] = field(default_factory=dict)
    """SKUs whose events no rows can express, and why not; their rows were left as they are."""


async def rebuild(connection: asyncpg.Connection) -> Rebuilt:
    """Fold every SKU and order, and write their rows where they differ.

    Safe to repeat and to interrupt: each portion of SKUs is one transaction.
    The same transaction that corrects a row makes the terms of its partition
    stale: who has decided from the wrong row cannot commit afterwards, and
    loads afresh. A SKU whose events make no sense (negative stock, a sale of
    what was never reserved) is named and left alone.
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
    folded, foldable = FoldedRows(), list[str]()
    for sku in skus:
        try:
            folded.extend(await fold_rows(connection, sku, partition_count))
        except Unfoldable as error:
            rebuilt.unfoldable[sku] = str(error)
        else:
            foldable.append(sku)
    rebuilt.aggregates += len(foldable)
    wrong: set[str] = set()
    for table, rows, width, key_width in (
        ("levels", folded.levels, 5, 2),
        ("reservations", folded.reservations, 11, 2),
        ("orders", folded.orders, 8, 1),
    ):
        columns = _columns(rows, width)
        corrected = await connection.fetch(statement(f"correct_{table}"), *columns)
        removed = await connection.fetch(statement(f"remove_{table}"), foldable, *columns[:key_width])
        rebuilt.corrected += len(corrected)
        rebuilt.removed += len(removed)
        wrong.update(row["sku"] for row in [*corrected, *removed])
    return wrong


def _columns(rows: Sequence[Row], width: int) -> list[list[Any]]:
    return [[row[place] for row in rows] for place in range(width)]
