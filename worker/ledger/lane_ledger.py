"""The ledger of one lane: what it could not process, and what became of that.

Everything that changes a line names the lane's term and writes nothing under a
stale one, as commits do: a lane that was replaced neither parks nor lets go.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from worker.event_store import Fenced, LaneSession, StoredAnswer, Term
from worker.ledger.portions import PORTION_LIMIT_BYTES
from worker.ledger.records import Filed, FilingOutcome, Full, Hold, Known, Letter, OpenLetter, Verdict
from worker.ledger.rows import hold, letter_columns, open_letter, verdict_columns
from worker.ledger.statements import statement

PARKED_PER_AGGREGATE_LIMIT = 10_000
"""Commands parked behind one letter: a busy SKU's for hours; they are decided within seconds once it is let go."""

PARKED_LIMIT = 100_000
"""Commands parked in all, about 100 MB. Counted without a lock: lanes that park at once may overstep it by a batch."""

ATTEMPTS_KEPT = timedelta(days=1)
"""A message that was begun and did not come again for so long was taken away by somebody."""


class LaneLedger:
    """Raises `StoreUnavailable` when the database is away: the term is in doubt then, as after a failed commit."""

    def __init__(
        self,
        session: LaneSession,
        *,
        parked_per_aggregate_limit: int = PARKED_PER_AGGREGATE_LIMIT,
        parked_limit: int = PARKED_LIMIT,
    ) -> None:
        """Work over `session`, the one through which the lane commits."""
        self._session = session
        self._limits = (parked_per_aggregate_limit, parked_limit)

    async def holds(self, partition: int) -> list[Hold]:
        """Return the aggregates of `partition` that wait."""
        return [Hold(*row) for row in await self._fetch("load_holds", partition)]

    async def file(self, term: Term, letters: Sequence[Letter], now: datetime) -> FilingOutcome:
        """File `letters`, all or none, in their order. Raises `Fenced`.

        What is open already is not filed again: it counts as another attempt, or,
        where it is parked or holds its aggregate, as nothing.
        """
        columns = letter_columns(letters)
        rows = await self._fetch("file_letters", term.partition, term.epoch, *columns, *self._limits, _naive(now))
        _require_current(term, rows)
        if rows[0]["state"] == "known":
            return Known(tuple(StoredAnswer(row["command_id"], row["digest"], row["answer"]) for row in rows))
        if rows[0]["state"] == "full":
            name = rows[0]["aggregate_id"]
            return Full(name, self._limits[name is None])
        holds = tuple(hold(row) for row in rows if row["aggregate_id"] is not None)
        return Filed(holds, frozenset(row["command_id"] for row in rows if row["command_id"] is not None))

    async def open_letters(self, partition: int, limit: int) -> list[OpenLetter]:
        """Return what has to be decided now, each line in its order; a closed one where its request came too late."""
        return [open_letter(row) for row in await self._fetch("open_letters", partition, limit, PORTION_LIMIT_BYTES)]

    async def settle(
        self, term: Term, verdicts: Sequence[Verdict], holds: Sequence[Hold], ended: Sequence[str], now: datetime
    ) -> None:
        """Write `verdicts`, the `holds` as they stand after them, and the aggregates that wait no longer.

        Raises `Fenced`; nothing was written then.
        """
        rows = await self._fetch(
            "settle_letters",
            term.partition,
            term.epoch,
            _naive(now),
            *verdict_columns(verdicts),
            [hold.aggregate_id for hold in holds],
            [hold.head for hold in holds],
            [hold.parked for hold in holds],
            [hold.operator for hold in holds],
            [hold.why for hold in holds],
            list(ended),
        )
        _require_current(term, rows)

    async def earlier_attempts(self, partition: int, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return how often those of the messages were begun that were not ended."""
        rows = await self._fetch("earlier_attempts", partition, list(digests))
        return {row["digest"]: row["attempts"] for row in rows}

    async def note_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        """Note that the messages are begun, whoever owns the partition. Each must be named once."""
        await self._fetch("note_attempts", partition, list(digests), _naive(now))

    async def forget_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        """Note that the messages are ended."""
        await self._fetch("forget_attempts", partition, list(digests), _naive(now - ATTEMPTS_KEPT))

    async def _fetch(self, name: str, *arguments: Any) -> list[asyncpg.Record]:
        return await self._session.fetch(statement(name), *arguments)


def _require_current(term: Term, rows: Sequence[asyncpg.Record]) -> None:
    if not rows:
        raise Fenced(f"partition {term.partition}: epoch {term.epoch} is stale")


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
