"""Rows of the ledger as lanes would have written them."""

import asyncio
from datetime import datetime
from importlib.resources import files
from typing import Any, Self, TypedDict, Unpack
from uuid import UUID, uuid4

from publisher.dead_letters.statements import statement
from schemas.commands import Purchase, encode_command
from schemas.fingerprints import fingerprint
from schemas.partitions import partition_of
from schemas.texts import ORDER_PREFIX

PARTITION_COUNT = 4
PUT_ASIDE_AT = datetime(2026, 1, 31, 2, 0)  # noqa: DTZ001 - as the database holds it

_INSERT = files(__package__).joinpath("insert_letter.sql").read_text()
_SESSIONS_AT = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = $1 AND pid <> pg_backend_pid()
"""
_COPY = files(__package__).joinpath("copy_letter.sql").read_text()


class Given(TypedDict, total=False):
    """What may be said about a letter; the rest is made up."""

    reason: str
    error: str
    command_id: UUID
    type: str
    body: bytes
    user: str
    at: datetime


class LedgerRows:
    """Writes them."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @classmethod
    async def of_shop(cls, connection: Any) -> Self:
        """Return the ledger of a shop whose partition count is recorded."""
        await connection.execute(
            "INSERT INTO topology (partition_count, recorded_at) VALUES ($1, now())", PARTITION_COUNT
        )
        return cls(connection)

    async def add(self, state: str = "set_aside", *, sku: str | None = "85123A", **given: Unpack[Given]) -> int:
        """Write one letter and return its id."""
        command_id = given.get("command_id", uuid4())
        reason, error = given.get("reason", "failed"), given.get("error", "division by zero")
        user, at = given.get("user", "till-3"), given.get("at", PUT_ASIDE_AT)
        about = sku if sku is not None and not sku.startswith(ORDER_PREFIX) else "85123A"
        command = Purchase(command_id=command_id, sku=about, quantity=6, user=user)
        letter_id: int = await self.connection.fetchval(
            _INSERT,
            0 if sku is None else partition_of(sku, PARTITION_COUNT),
            *(state, reason, fingerprint(reason, error), sku, command_id, given.get("type", "purchase"), user, at),
            *(error, given.get("body", encode_command(command))),
        )
        return letter_id

    async def copy(self, letter_id: int, count: int) -> None:
        """Write `count` letters like one that is set aside."""
        await self.connection.execute(_COPY, letter_id, count)

    async def add_line(self, sku: str, parked: int, **given: Unpack[Given]) -> list[int]:
        """Write a held letter and so many parked behind it, with the hold; return their ids."""
        head = await self.add("held", sku=sku, **given)
        behind = [await self.add("parked", sku=sku, reason="held", error=f"waits behind {head}") for _ in range(parked)]
        await self.connection.execute(
            "INSERT INTO holds (aggregate_id, partition, head, parked, next_place, since)"
            " VALUES ($1, $2, $3, $4, 1000, $5)",
            *(sku, partition_of(sku, PARTITION_COUNT), head, parked, PUT_ASIDE_AT),
        )
        return [head, *behind]

    async def seen_running(self, name: str) -> None:
        """Return when a session of the client has run the statement; nobody signals that, so it is asked for."""
        while True:
            if await self.connection.fetchval(_SESSIONS_AT, statement(name)):
                return
            await asyncio.sleep(0)

    async def deeds(self) -> list[tuple[str, str, str, int | None, int | None]]:
        """Return what was done: deed, operator, why, letter, plan."""
        rows = await self.connection.fetch(
            "SELECT deed, operator, why, letter_id, plan_id FROM dead_letter_deeds ORDER BY deed_id"
        )
        return [tuple(row) for row in rows]
