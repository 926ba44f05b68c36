"""Skipping and editing: asked for here, done by the lanes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from publisher.dead_letters.asking import ASKING_TIMEOUT_SECONDS, LedgerAsking
from publisher.dead_letters.edits import Editable, corrected_command
from publisher.dead_letters.filters import ID_LIMIT, LetterFilter
from publisher.dead_letters.left_out import LeftOut
from publisher.dead_letters.rows import Row
from publisher.dead_letters.signatures import signed
from publisher.dead_letters.states import LetterState
from publisher.errors import DatabaseUnavailable, LedgerRefused, NotInLedger
from schemas.partitions import partition_of


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which letters something was asked, and of which it could not be."""

    letter_ids: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()


class LetterDeeds(LedgerAsking):
    """Asks lanes to close letters. Everything raises `DatabaseUnavailable`.

    Where that is raised while something is asked for, it may have been asked for all
    the same: asking again is safe, and says so.
    """

    async def skip(self, letter_filter: LetterFilter, *, operator: str, why: str) -> Asked:
        """Ask for the letters that match to be given up for good.

        A skipped command is never applied, also if a late copy of it arrives. What was
        parked behind it is decided next. Left out are letters that are closed, or that
        something is asked for already. Raises `InvalidInput`.
        """
        operator, why = signed(operator, why)
        async with self._asking():
            found = await self._rows(
                "skip", *letter_filter.arguments(), operator, why, timeout_seconds=ASKING_TIMEOUT_SECONDS
            )
            left_out = await self._left_out(_counted(found), letter_filter)
        return Asked(tuple(row["letter_id"] for row in found if row["left_out"] is None), left_out)

    async def edit(self, letter_id: int, corrected_body: bytes, *, operator: str, why: str) -> None:
        """Ask for `corrected_body` to be decided in the letter's place; the original never is.

        It keeps the command id, where the original had one, and the SKU, where that is
        held. Raises `InvalidInput`, which says what is wrong with the body, `NotInLedger`,
        and `LedgerRefused` where the letter cannot be edited now.
        """
        operator, why = signed(operator, why)
        async with self._asking():
            row = await self._row("editable", letter_id) if 0 < letter_id <= ID_LIMIT else None
            if row is None:
                raise NotInLedger(f"there is no dead letter {letter_id}")
            command = corrected_command(Editable(**dict(row) | {"state": LetterState(row["state"])}), corrected_body)
            partition = partition_of(command.aggregate_id, await self._partition_count())
            if await self._row("edit", letter_id, partition, corrected_body, operator, why) is None:
                raise LedgerRefused(f"something is asked for about {letter_id} already")

    async def open_request_count(self, letter_ids: Iterable[int]) -> int:
        """Return of how many of these something is asked, and not done."""
        count: int = (await self._rows("requested", list(letter_ids)))[0]["count"]
        return count

    async def _partition_count(self) -> int:
        row = await self._row("partition_count")
        if row is None:
            raise DatabaseUnavailable("database: no partition count is recorded; has an order-worker been started?")
        count: int = row["partition_count"]
        return count


def _counted(found: Iterable[Row]) -> list[Row]:
    by_why: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        if row["left_out"] is not None:
            by_why[row["left_out"]].append(row)
    return [dict(rows[0]) | {"count": len(rows)} for rows in by_why.values()]
