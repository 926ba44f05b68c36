"""Asking for something: one operator after the other, and every letter accounted for."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from publisher.dead_letters.connection import LedgerConnection, translated
from publisher.dead_letters.filters import LetterFilter
from publisher.dead_letters.left_out import LeftOut, Why
from publisher.dead_letters.rows import Row

ASKING_TIMEOUT_SECONDS = 600.0
"""A plan of 550,000 letters took 19 seconds on two idle cores, 102 on busy ones; who asks meanwhile waits for it."""

ASKING_LOCK = 3323
"""Any fixed number serves; this one is read as "DEAD" on a telephone's keys."""


class LedgerAsking(LedgerConnection):
    """What everything that asks for something begins with."""

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Let the block be one transaction, which begins when nobody else asks for anything."""
        with translated(ASKING_TIMEOUT_SECONDS):
            async with self._connection.transaction():
                await self._rows("lock", ASKING_LOCK, timeout_seconds=ASKING_TIMEOUT_SECONDS)
                yield

    async def _left_out(self, found: Iterable[Row], letter_filter: LetterFilter) -> tuple[LeftOut, ...]:
        """Return what became of nothing: rows of `found` that say why, and ids that are no letter's."""
        left_out = [
            LeftOut(Why(row["left_out"]), row["count"], row["letter_id"], row["because_of"])
            for row in found
            if row["left_out"] is not None
        ]
        unknown = await self._rows("unknown_letters", list(letter_filter.letter_ids or ()))
        return (*left_out, *(LeftOut(Why.UNKNOWN, 1, row["letter_id"]) for row in unknown))
