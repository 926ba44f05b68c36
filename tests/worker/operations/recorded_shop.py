"""A shop whose broker is a twin and whose database is real."""

from collections.abc import Iterable

import asyncpg

from tests.twins.shop import Shop
from worker.event_store import PartitionStore
from worker.lane.ports import Delivery

APPEND_ONLY = ("events", "audit_log", "commands")


class RecordedShop:
    """Commands in, rows out; and a hand that can change what nobody may change."""

    def __init__(self, connection: asyncpg.Connection, database_url: str) -> None:
        self.connection = connection
        self.lanes = Shop()
        self.store = PartitionStore(database_url)

    async def record(self, messages: Iterable[Delivery]) -> None:
        """Let a lane work on `messages`."""
        self.lanes.queue.messages.extend(messages)
        await self.lanes.run_lane(store=self.store)

    async def tamper(self, statement: str) -> None:
        """Change rows as only the database's owner could who first took its guards away."""
        async with self.connection.transaction():
            for table in APPEND_ONLY:
                await self.connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            await self.connection.execute(statement)
            for table in APPEND_ONLY:
                await self.connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
            await self.connection.execute("ALTER TABLE commands ENABLE ALWAYS TRIGGER answered_once")
