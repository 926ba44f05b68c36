"""Letters to be filed, and what tests see of a ledger."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from worker.lane.ports import Ledger, Store
from worker.ledger import (
    Action,
    Letter,
    LetterMessage,
    LetterState,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ASKED = ("operator", "because")
PARKED_PER_AGGREGATE_LIMIT, PARKED_LIMIT = 3, 4


@dataclass(slots=True)
class Desk:
    """A ledger, the store beside it, and an operator."""

    store: Store
    ledger: Ledger
    ask: Callable[[int, Action, bytes | None], Awaitable[None]]
    fetch: Callable[[], Awaitable[list[dict[str, Any]]]]
    """Reads the letters: state, attempts, outcome."""
    requests: Callable[[], Awaitable[int]]


def letter(number: int, state: LetterState, aggregate_id: str | None = "A", **changes: Any) -> Letter:
    body = f'{{"number": {number}}}'.encode()
    message = LetterMessage(body, "orders.commands.00", "partition.00", "till", None, None, None, '{"x": 1}')
    filed = Letter(
        origin=number.to_bytes(4, "big"),
        partition=0,
        state=state,
        reason="held" if state is LetterState.PARKED else "failed",
        error="a bug",
        fingerprint="00",
        aggregate_id=aggregate_id,
        command_id=UUID(int=number),
        command_type="restock",
        user="till-3",
        digest=b"digest",
        message=message,
    )
    return filed._replace(**changes)


def held(number: int, aggregate_id: str = "A") -> Letter:
    return letter(number, LetterState.HELD, aggregate_id)


def parked(number: int, aggregate_id: str = "A") -> Letter:
    return letter(number, LetterState.PARKED, aggregate_id)


def aside(number: int, aggregate_id: str | None = "A") -> Letter:
    return letter(number, LetterState.SET_ASIDE, aggregate_id)
