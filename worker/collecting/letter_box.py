"""Files what was collected, each once, however often it comes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from worker.collecting.letters import Collected
from worker.collecting.statements import statement
from worker.event_store import LaneSession, StoredAnswer
from worker.ledger.records import storable
from worker.ledger.rows import storable_if_any


class LetterBox:
    """The tables of the ledger, for the collector."""

    def __init__(self, session: LaneSession) -> None:
        self._session = session

    async def file(self, collected: Sequence[Collected], now: datetime) -> Mapping[int, StoredAnswer]:
        """File a letter about each; return by their place the stored answers of commands that were answered before.

        About these nothing is filed. Raises `EventStoreError`; to file again is right then, whatever was filed.
        """
        columns = zip(*map(_row, collected), strict=True)
        rows = await self._session.fetch(
            statement("collect_letters"), *(list(column) for column in columns), _naive(now)
        )
        return {row["ordinality"] - 1: StoredAnswer(row["command_id"], row["digest"], row["answer"]) for row in rows}


def _row(collected: Collected) -> tuple[Any, ...]:
    letter, died_at = collected.letter, collected.death.died_at
    return (
        letter.origin,
        letter.partition,
        letter.reason,
        storable(letter.error),
        letter.fingerprint,
        letter.aggregate_id,
        letter.command_id,
        letter.command_type,
        storable_if_any(letter.user),
        letter.digest,
        None if died_at is None else _naive(died_at),
        letter.message.body,
        *(storable_if_any(text) for text in letter.message[1:]),
    )


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
