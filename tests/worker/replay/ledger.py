"""A ledger on a real database, with a hand that does what lanes and operators do to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg

_BODY = b'{"type": "purchase"}'
_CAME_FROM = {"queue": "orders.commands.00", "routing_key": "partition.00", "reply_to": None, "user_id": None}
_AT = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - the tables hold naive UTC

_LETTER = """
    INSERT INTO dead_letters
        (origin, partition, state, reason, fingerprint, aggregate_id, place, command_id, command_type, attempts,
         first_at, last_at, error, queue, routing_key, reply_to, user_id, headers, body)
    VALUES ($1, $2, $3, $4, 'f', $5, $6, $7, 'purchase', 1, $8, $8, 'a bug', $9, $10, $11, $12, '{}', $13)
    RETURNING letter_id
"""
_PLAN = """
    INSERT INTO replay_plans
        (operator, why, filter, groups, matched, dry_run, canary, rate_per_second, state, made_at, advanced_at)
    VALUES ('ann', 'fixed', '{}', '{}', $1, $2, $3, $4, 'running', $5, $5)
    RETURNING plan_id
"""
_ASK = """
    INSERT INTO dead_letter_requests (letter_id, partition, action, operator, why, requested_at)
    VALUES ($1, $2, $3, $4, 'because', clock_timestamp() AT TIME ZONE 'utc')
"""
_CLOSE = """
    UPDATE dead_letters
    SET state = $2, outcome = $3, closed_at = clock_timestamp() AT TIME ZONE 'utc'
    WHERE letter_id = $1
"""


class Ledger:
    """Rows in, rows out."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self._numbers = count(1)

    async def letter(
        self,
        state: str = "set_aside",
        *,
        reason: str = "failed",
        partition: int = 0,
        aggregate_id: str | None = "A",
        place: int | None = None,
        command_id: UUID | None = None,
        body: bytes = _BODY,
        **message: Any,
    ) -> int:
        """File a letter, and return its number."""
        message = {
            "queue": "orders.commands.00",
            "routing_key": "partition.00",
            "reply_to": None,
            "user_id": None,
        } | message
        number: int = await self.connection.fetchval(
            _LETTER,
            next(self._numbers).to_bytes(8, "big"),
            partition,
            state,
            reason,
            aggregate_id,
            place,
            command_id,
            _AT,
            *message.values(),
            body,
        )
        return number

    async def letters(self, number: int, **fields: Any) -> list[int]:
        """File so many that are set aside."""
        return [await self.letter(**fields) for _ in range(number)]

    async def hold(self, head: int | None, *, aggregate_id: str = "A", partition: int = 0, parked: int = 0) -> None:
        """Let the aggregate wait for `head`."""
        await self.connection.execute(
            "INSERT INTO holds (aggregate_id, partition, head, parked, next_place, since, operator) "
            "VALUES ($1, $2, $3, $4, $5, $6, 'ann')",
            aggregate_id,
            partition,
            head,
            parked,
            parked + 2,
            _AT,
        )

    async def plan(
        self,
        letters: Sequence[int],
        *,
        dry_run: bool = False,
        canary: int | None = None,
        rate_per_second: float | None = None,
    ) -> int:
        """Make a plan about `letters`."""
        now = await self.connection.fetchval("SELECT clock_timestamp() AT TIME ZONE 'utc'")
        plan_id: int = await self.connection.fetchval(_PLAN, len(letters), dry_run, canary, rate_per_second, now)
        await self.connection.executemany(
            "INSERT INTO replay_plan_items (plan_id, ordinal, letter_id, state) VALUES ($1, $2, $3, 'planned')",
            [(plan_id, ordinal, letter_id) for ordinal, letter_id in enumerate(letters, start=1)],
        )
        return plan_id

    async def ask(self, letter_id: int, action: str = "replay", *, partition: int = 0, operator: str = "ben") -> None:
        """Ask for something by hand, as an operator does who makes no plan."""
        await self.connection.execute(_ASK, letter_id, partition, action, operator)

    async def close(self, letter_id: int, state: str = "replayed", outcome: str = "applied") -> None:
        """Close a letter as the lane does: the request for it, and the item of a plan, are done."""
        await self.connection.execute(_CLOSE, letter_id, state, outcome)
        await self.connection.execute("DELETE FROM dead_letter_requests WHERE letter_id = $1", letter_id)
        await self.connection.execute(
            "UPDATE replay_plan_items SET state = 'done', outcome = $2 WHERE letter_id = $1 AND state = 'requested'",
            letter_id,
            outcome,
        )

    async def close_all(self, letters: Iterable[int]) -> None:
        """Close them all, applied."""
        for letter_id in letters:
            await self.close(letter_id)

    async def requested(self) -> list[int]:
        """Return the letters that lanes are to decide."""
        rows = await self.connection.fetch("SELECT letter_id FROM dead_letter_requests ORDER BY letter_id")
        return [row["letter_id"] for row in rows]

    async def states(self, plan_id: int) -> list[str]:
        """Return the states of the plan's items, in order."""
        rows = await self.connection.fetch(
            "SELECT state FROM replay_plan_items WHERE plan_id = $1 ORDER BY ordinal", plan_id
        )
        return [row["state"] for row in rows]

    async def item(self, letter_id: int) -> dict[str, Any]:
        """Return the newest item about the letter."""
        row = await self.connection.fetchrow(
            "SELECT state, outcome, outcome_reason, message FROM replay_plan_items WHERE letter_id = $1 "
            "ORDER BY plan_id DESC LIMIT 1",
            letter_id,
        )
        return dict(row)

    async def row(self, plan_id: int) -> dict[str, Any]:
        """Return the plan."""
        return dict(await self.connection.fetchrow("SELECT * FROM replay_plans WHERE plan_id = $1", plan_id))
