"""Reads the rows in the order of comparison, without holding them."""

from collections.abc import AsyncIterator

import asyncpg

from worker.event_store import ReservationRow
from worker.operations.statements import statement
from worker.operations.verification.lines import (
    AnswerLine,
    AuditLine,
    EventLine,
    LevelLine,
    Line,
    ReservationLine,
    SnapshotLine,
)

FETCH_ROWS = 2_000
"""Rows asked for at once, per table."""


async def merged_lines(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    """Yield all rows of the five tables by place; the connection must be in a transaction."""
    streams: list[AsyncIterator[Line]] = [
        _events(connection),
        _audit(connection),
        _answers(connection),
        _snapshots(connection),
        _levels(connection),
        _reservations(connection),
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


async def _events(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement("all_events"), prefetch=FETCH_ROWS):
        yield EventLine(*row)


async def _audit(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement("all_audit_rows"), prefetch=FETCH_ROWS):
        yield AuditLine(*row)


async def _answers(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement("all_answers"), prefetch=FETCH_ROWS):
        yield AnswerLine(*row)


async def _snapshots(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement("all_snapshots"), prefetch=FETCH_ROWS):
        yield SnapshotLine(*row)


async def _levels(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement("all_levels"), prefetch=FETCH_ROWS):
        yield LevelLine(*row)


async def _reservations(connection: asyncpg.Connection) -> AsyncIterator[Line]:
    async for row in connection.cursor(statement("all_reservations"), prefetch=FETCH_ROWS):
        yield ReservationLine(ReservationRow(*row))
