"""The ledger of dead letters at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

import asyncpg

from worker.operations.statements import statement


class PausedPlan(NamedTuple):
    """A replay that waits for an operator."""

    plan_id: int
    note: str | None
    """Why."""


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What was found in it."""

    open_letters: Mapping[str, int] = field(default_factory=dict)
    """Letters that are not closed, by what they do to others: `set_aside`, `held`, `parked`."""
    held_since: datetime | None = None
    """Since when the first of the SKUs and orders waits that do; None where none does."""
    fullest: str | None = None
    """The one with most commands parked."""
    fullest_parked: int = 0
    paused_plans: tuple[PausedPlan, ...] = ()


async def ledger_state(connection: asyncpg.Connection) -> LedgerState:
    """Read the ledger."""
    holds = await connection.fetchrow(statement("longest_holds"))
    return LedgerState(
        open_letters={row["state"]: row["letters"] for row in await connection.fetch(statement("open_letters"))},
        held_since=None if holds["since"] is None else holds["since"].replace(tzinfo=UTC),
        fullest=holds["fullest"],
        fullest_parked=holds["parked"] or 0,
        paused_plans=tuple(PausedPlan(*row) for row in await connection.fetch(statement("paused_plans"))),
    )
