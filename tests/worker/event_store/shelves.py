"""The two places a batch can be committed to, seen alike: the twin's tables and PostgreSQL's."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import asyncpg

from tests.twins import DatabaseTwin, StoreTwin
from tests.twins.database import PartitionRow
from worker.event_store import EventRow, PartitionStore
from worker.lane.ports import Store

PARTITION_COUNT = 2


class Shelf(Protocol):
    """Tables, and any number of connections to them."""

    def open(self) -> Store:
        """Return a store with a connection of its own."""

    async def counts(self) -> dict[str, int]:
        """Return how many rows each table holds."""

    async def sequences(self) -> dict[UUID, tuple[int, int]]:
        """Return partition and sequence number of every command."""

    async def append_foreign(self, event: EventRow) -> None:
        """Append an event as a program would that knows no stock rows."""


@dataclass(slots=True)
class TwinShelf:
    """The twin's tables."""

    database: DatabaseTwin

    def open(self) -> Store:
        return StoreTwin(self.database)

    async def counts(self) -> dict[str, int]:
        database = self.database
        return {
            "commands": len(database.commands),
            "events": len(database.events),
            "audit_log": len(database.audit),
            "stock_levels": len(database.levels),
        }

    async def sequences(self) -> dict[UUID, tuple[int, int]]:
        return {key: (partition, sequence) for key, (partition, sequence, _) in self.database.commands.items()}

    async def append_foreign(self, event: EventRow) -> None:
        self.database.events[event.aggregate_id, event.version] = event


@dataclass(slots=True)
class PostgresShelf:
    """PostgreSQL's tables."""

    connection: asyncpg.Connection
    opener: Callable[[], PartitionStore]

    def open(self) -> Store:
        return self.opener()

    async def counts(self) -> dict[str, int]:
        tables = ("commands", "events", "audit_log", "stock_levels")
        return {table: await self.connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608

    async def sequences(self) -> dict[UUID, tuple[int, int]]:
        rows = await self.connection.fetch("SELECT command_id, partition, sequence FROM commands")
        return {row["command_id"]: (row["partition"], row["sequence"]) for row in rows}

    async def append_foreign(self, event: EventRow) -> None:
        await self.connection.execute(
            'INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp") '
            "VALUES ($1, $2, $3, $4, $5::jsonb, now() AT TIME ZONE 'UTC')",
            event.aggregate_id,
            event.version,
            event.event_id,
            event.event_type,
            event.data,
        )


def twin_shelf() -> TwinShelf:
    """Return empty tables of a shop of two partitions."""
    return TwinShelf(DatabaseTwin(partitions={number: PartitionRow() for number in range(PARTITION_COUNT)}))


@asynccontextmanager
async def postgres_shelf(database_url: str) -> AsyncIterator[PostgresShelf]:
    """Give the tables of a migrated database, as a shop of two partitions; close every store afterwards."""
    async with AsyncExitStack() as stack:
        connection = await asyncpg.connect(database_url)
        stack.push_async_callback(connection.close)
        await connection.execute(
            "INSERT INTO partitions (partition) SELECT generate_series(0, $1::int - 1)", PARTITION_COUNT
        )

        def opener() -> PartitionStore:
            store = PartitionStore(database_url)
            stack.push_async_callback(store.close)
            return store

        yield PostgresShelf(connection, opener)
