"""Makes the stock rows again from the events, while workers go on."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from schemas.partitions import partition_of
from worker import domain
from worker.event_store import EventRecord
from worker.lane.codec import stored_event
from worker.operations.statements import statement

AGGREGATES_AT_ONCE = 200
"""The lanes wait while so many SKUs are folded; small, so that they hardly notice."""

FETCH_ROWS = 2_000

# Always first. The lanes' statement takes its lock on this table before it runs, and only then the
# lock on its row of `partitions`. Whoever holds this one therefore finds no lane inside and may change
# rows of `partitions` without waiting for any; the other way round each would wait for the other.
# A lane that waits here meanwhile holds nothing, and then finds its epoch stale.
_LOCK_STOCK_ROWS = "LOCK TABLE stock_levels IN SHARE ROW EXCLUSIVE MODE"

Row = tuple[str, str, int, int, int]


@dataclass(slots=True)
class Rebuilt:
    """What was done."""

    aggregates: int = 0
    corrected: int = 0
    """Stock rows that were written because they were wrong or missing."""
    removed: int = 0
    """Stock rows that no event explains."""


async def rebuild(connection: asyncpg.Connection) -> Rebuilt:
    """Fold every SKU and write its stock rows where they differ.

    Safe to repeat and to interrupt: each portion of SKUs is one transaction.
    The same transaction that corrects a row makes the terms of its partition
    stale: who has decided from the wrong row cannot commit afterwards, and
    loads afresh.
    Raises `asyncpg.PostgresError` when a fold makes negative stock, which no
    row may hold; `verify` names the SKU.
    """
    rebuilt = Rebuilt()
    after = ""
    while skus := [row["sku"] for row in await connection.fetch(statement("next_skus"), after, AGGREGATES_AT_ONCE)]:
        async with connection.transaction():
            await connection.execute(_LOCK_STOCK_ROWS)
            await _retire_terms(connection, await _rebuild_portion(connection, skus, rebuilt))
        after = skus[-1]
    return rebuilt


async def _rebuild_portion(connection: asyncpg.Connection, skus: Sequence[str], rebuilt: Rebuilt) -> set[str]:
    """Return the SKUs that had wrong rows."""
    rows = [row for sku in skus for row in await _folded_rows(connection, sku)]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], [], []]
    corrected = await connection.fetch(statement("correct_levels"), *columns)
    removed = await connection.fetch(statement("remove_levels"), list(skus), columns[0], columns[1])
    rebuilt.aggregates += len(skus)
    rebuilt.corrected += len(corrected)
    rebuilt.removed += len(removed)
    return {row["sku"] for row in [*corrected, *removed]}


async def _retire_terms(connection: asyncpg.Connection, wrong_skus: set[str]) -> None:
    partition_count = await connection.fetchval(statement("recorded_partition_count"))
    if partition_count is None:
        return  # no worker has ever started, so nobody holds a term
    partitions = {partition_of(sku, partition_count) for sku in wrong_skus}
    if partitions:
        await connection.execute(statement("retire_terms"), sorted(partitions))


async def _folded_rows(connection: asyncpg.Connection, sku: str) -> list[Row]:
    stock, touched = domain.Stock(), dict[str, int]()
    async for row in connection.cursor(statement("events_of_sku"), sku, prefetch=FETCH_ROWS):
        event = stored_event(EventRecord(*row))
        if event is not None:
            stock = domain.evolve(stock, event)
            touched[event.location] = row["version"]
    return [
        (sku, location, stock.at(location).on_hand, stock.at(location).reserved, version)
        for location, version in touched.items()
    ]
