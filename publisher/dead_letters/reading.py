"""What lies in the ledger."""

from collections.abc import AsyncIterator

from publisher.dead_letters import rows
from publisher.dead_letters.connection import LedgerConnection
from publisher.dead_letters.filters import ID_LIMIT, LetterFilter
from publisher.dead_letters.letters import Contents, Group, Letter, Totals, WholeLetter
from publisher.errors import NotInLedger

LETTERS_PER_LOOK = 500
"""A look is one statement; memory holds one look."""

WHOLE_LETTERS_PER_LOOK = 50
"""Bodies may be large: 16 MiB is the most that RabbitMQ 4 takes by default."""

SHOWN_BEHIND_LIMIT = 10

EVERY_OPEN_ONE = LetterFilter()


class LetterReading(LedgerConnection):
    """Reads; nothing is ever written. Everything raises `DatabaseUnavailable`."""

    async def letters(
        self, letter_filter: LetterFilter = EVERY_OPEN_ONE, *, before: int | None = None, limit: int | None = None
    ) -> AsyncIterator[Letter]:
        """Yield the letters that match, the newest first; those older than letter `before`, at most `limit`."""
        newest, left = min(before or ID_LIMIT, ID_LIMIT), limit
        while left is None or left > 0:
            count = LETTERS_PER_LOOK if left is None else min(left, LETTERS_PER_LOOK)
            found = await self._rows("letters", *letter_filter.arguments(), newest, count)
            for row in found:
                yield rows.letter(row)
            if len(found) < count:
                return
            newest = found[-1]["letter_id"]
            left = None if left is None else left - count

    async def totals(self, letter_filter: LetterFilter = EVERY_OPEN_ONE) -> Totals:
        """Return how many match."""
        return rows.totals(await self._rows("totals", *letter_filter.arguments()))

    async def groups(self, letter_filter: LetterFilter = EVERY_OPEN_ONE) -> list[Group]:
        """Return those that match by cause, the most frequent first."""
        return [rows.group(row) for row in await self._rows("groups", *letter_filter.arguments())]

    async def letter(self, letter_id: int) -> WholeLetter:
        """Return everything about one letter. Raises `NotInLedger`."""
        row = await self._row("letter", letter_id) if 0 < letter_id <= ID_LIMIT else None
        if row is None:
            raise NotInLedger(f"there is no dead letter {letter_id}")
        line = await self._row("line", letter_id, SHOWN_BEHIND_LIMIT)
        return rows.whole_letter(row, line, await self._rows("deeds", letter_id))

    async def export(self, letter_filter: LetterFilter = EVERY_OPEN_ONE) -> AsyncIterator[tuple[Letter, Contents]]:
        """Yield the letters that match with their contents, the oldest first."""
        oldest = 0
        while True:
            found = await self._rows("export", *letter_filter.arguments(), oldest, WHOLE_LETTERS_PER_LOOK)
            for row in found:
                yield rows.letter(row), rows.contents(row)
            if len(found) < WHOLE_LETTERS_PER_LOOK:
                return
            oldest = found[-1]["letter_id"]
