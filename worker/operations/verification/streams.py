"""Reads the rows in the order of comparison, without holding them."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg

from worker.event_store import OrderRow, ReservationRow
from worker.operations.statements import statement
from worker.operations.verification.lines import (
    AnswerLine,
    AuditLine,
    EventLine,
    LevelLine,
    Line,
    OrderLine,
    ReservationLine,
    SaleLine,
    SnapshotLine,
)

FETCH_ROWS = 2_000
"""Rows asked for at once, per table."""


async def merged_lines(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    """Yield all rows of the seven tables by place; the connection must be in a transaction."""
    streams: list[AsyncIterator[Line]] = [
        _lines(connection, "all_events", EventLine),
        _lines(connection, "all_audit_rows", AuditLine),
        _lines(connection, "all_answers", AnswerLine),
        _lines(connection, "all_snapshots", SnapshotLine),
        _lines(connection, "all_levels", LevelLine),
        _lines(connection, "all_reservations", _reservation_line),
        _lines(connection, "all_orders", _order_line),
        _lines(connection, "all_sales", SaleLine),
    ]
    heads: list[tuple[Line, AsyncIterator[Line]]] = []
    for stream in streams:
        async for line in stream:
            heads.append((line, stream))
            break
    while heads:
        place = min(range(len(heads)), key=lambda index: heads[index][0].place)
        line, stream = heads.pop(place)
        yield line
        async for following in stream:
            heads.insert(place, (following, stream))
            break


async def _lines(connection: asyncpg.Connection, name: str, line: Callable[..., Line]) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement(name), prefetch=FETCH_ROWS):
        yield line(*row)


def _reservation_line(*columns: Any) -> Line:
    return ReservationLine(ReservationRow(*columns))


def _order_line(name: str, partition: int, *columns: Any) -> Line:
    return OrderLine(OrderRow(name, *columns), partition)
