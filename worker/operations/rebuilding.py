"""Makes the stock rows again from the events, while workers go on."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from worker import domain
from worker.event_store import EventRecord
from worker.lane.codec import stored_event
from worker.operations.statements import statement

AGGREGATES_AT_ONCE = 200
"""The lanes wait while so many SKUs are folded; small, so that they hardly notice."""

FETCH_ROWS = 2_000

_LOCK_STOCK_ROWS = "LOCK TABLE stock_levels IN SHARE ROW EXCLUSIVE MODE"

# Who has decided from a wrong row holds a wrong state: a newer epoch makes every lane load afresh.
_RETIRE_EVERY_TERM = "UPDATE partitions SET epoch = epoch + 1"

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
    Where anything was wrong, every lane loads its states afresh afterwards.
    Raises `asyncpg.PostgresError` when a fold makes negative stock, which no
    row may hold; `verify` names the SKU.
    """
    rebuilt = Rebuilt()
    after = ""
    while skus := [row["sku"] for row in await connection.fetch(statement("next_skus"), after, AGGREGATES_AT_ONCE)]:
        async with connection.transaction():
            await connection.execute(_LOCK_STOCK_ROWS)
            await _rebuild_portion(connection, skus, rebuilt)
        after = skus[-1]
    if rebuilt.corrected or rebuilt.removed:
        await connection.execute(_RETIRE_EVERY_TERM)
    return rebuilt


async def _rebuild_portion(connection: asyncpg.Connection, skus: Sequence[str], rebuilt: Rebuilt) -> None:
    rows = [row for sku in skus for row in await _folded_rows(connection, sku)]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[], [], [], [], []]
    rebuilt.aggregates += len(skus)
    rebuilt.corrected += len(await connection.fetch(statement("correct_levels"), *columns))
    rebuilt.removed += len(await connection.fetch(statement("remove_levels"), list(skus), columns[0], columns[1]))


async def _folded_rows(connection: asyncpg.Connection, sku: str) -> list[Row]:
    stock, touched = domain.Stock(), dict[str, int]()
    async for row in connection.cursor(statement("events_of_sku"), sku, prefetch=FETCH_ROWS):
        event = stored_event(EventRecord(*row))
        if event is not None:
            stock = domain.evolve(stock, event)
            touched.update((movement.location, row["version"]) for movement in domain.movements(event))
    return [
        (sku, location, stock.at(location).on_hand, stock.at(location).reserved, version)
        for location, version in touched.items()
    ]
