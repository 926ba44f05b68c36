"""The whole check: every SKU, every answer, every number of the sequences, every line of dead letters."""

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from schemas.texts import ORDER_PREFIX
from worker.operations.statements import statement
from worker.operations.verification.difference import Difference
from worker.operations.verification.folding import NO_SKU, AggregateFold
from worker.operations.verification.ledger import ledger_differences
from worker.operations.verification.lines import AnswerLine, EventLine, SnapshotLine
from worker.operations.verification.orders import HOLD_SECONDS, OrderFold
from worker.operations.verification.streams import merged_lines


@dataclass(slots=True)
class Verification:
    """What was compared, and how many differences were found."""

    aggregates: int = 0
    events: int = 0
    answers: int = 0
    differences: int = 0
    uncompared_snapshots: int = 0
    """Folds that programs made in their own way: only they know what these must say."""


async def verify(connection: asyncpg.Connection, report: Callable[[Difference], None]) -> Verification:
    """Compare everything as of one moment, calling `report` with each difference as it is found.

    What stands in the database only once cannot be compared; the package's docstring lists it.
    Workers may go on meanwhile: all is read from one snapshot of the database.
    Memory is bounded, whatever the number of events.
    """
    verification = Verification()

    def differs(difference: Difference) -> None:
        verification.differences += 1
        report(difference)

    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await _verify_aggregates(connection, verification, differs)
        await _verify_sequences(connection, differs)
        await _verify_holds(connection, differs)
        async for difference in ledger_differences(connection):
            differs(difference)
    return verification


async def _verify_aggregates(
    connection: asyncpg.Connection, verification: Verification, differs: Callable[[Difference], None]
) -> None:
    partition_count = await connection.fetchval(statement("recorded_partition_count"))
    fold: AggregateFold | OrderFold | None = None
    sku: str | None = None
    async for line in merged_lines(connection):
        if fold is None or line.sku != sku:
            for difference in fold.finish() if fold else ():
                differs(difference)
            make = OrderFold if line.sku.startswith(ORDER_PREFIX) else AggregateFold
            fold, sku = make(line.sku, partition_count), line.sku
            verification.aggregates += bool(line.sku)
        verification.events += isinstance(line, EventLine)
        verification.answers += isinstance(line, AnswerLine)
        verification.uncompared_snapshots += isinstance(line, SnapshotLine) and not line.is_stock
        for difference in fold.feed(line):
            differs(difference)
    for difference in fold.finish() if fold else ():
        differs(difference)


async def _verify_sequences(connection: asyncpg.Connection, differs: Callable[[Difference], None]) -> None:
    for row in await connection.fetch(statement("sequence_gaps")):
        differs(
            Difference(
                NO_SKU,
                "sequence gap",
                f"partition {row['partition']}: {row['counted']} answers up to number {row['newest']}, "
                f"the partition counts {row['expected']}",
            )
        )


async def _verify_holds(connection: asyncpg.Connection, differs: Callable[[Difference], None]) -> None:
    for row in await connection.fetch(statement("forgotten_holds"), HOLD_SECONDS):
        differs(
            Difference(
                row["sku"],
                "forgotten hold",
                f"{row['reservation_id']}: {row['held']} held for an order that is {row['status'] or 'unknown'}",
            )
        )
