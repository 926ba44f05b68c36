"""Between the ledger's records and the rows of its tables: what statements take, as columns, and what they return."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from worker.ledger.records import Action, Hold, Letter, LetterMessage, LetterState, OpenLetter, Verdict, storable


def letter_columns(letters: Sequence[Letter]) -> list[list[Any]]:
    """Return `letters` as file_letters.sql takes them."""
    return _columns(
        (
            letter.origin,
            letter.partition,
            letter.state.value,
            letter.reason,
            storable(letter.error),
            letter.fingerprint,
            letter.aggregate_id,
            letter.command_id,
            letter.command_type,
            storable_if_any(letter.user),
            letter.digest,
            letter.message.body,
            letter.message.queue,
            *(storable_if_any(text) for text in letter.message[2:]),
        )
        for letter in letters
    )


def verdict_columns(verdicts: Sequence[Verdict]) -> list[list[Any]]:
    """Return `verdicts` as settle_letters.sql takes them."""
    return _columns(
        (
            verdict.letter_id,
            verdict.deed,
            verdict.operator,
            verdict.why,
            None if verdict.state is None else verdict.state.value,
            verdict.tried,
            verdict.outcome,
            verdict.outcome_reason,
            storable_if_any(verdict.message),
            verdict.reason,
            storable_if_any(verdict.error),
            verdict.fingerprint,
            verdict.corrected_body,
        )
        for verdict in verdicts
    )


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def storable_if_any(text: str | None) -> str | None:
    """Return what `storable` does of a text that may be missing."""
    return None if text is None else storable(text)


def hold(row: asyncpg.Record) -> Hold:
    """Return the hold that `row` tells of."""
    return Hold(row["aggregate_id"], row["head"], row["parked"], row["operator"], row["why"])


def open_letter(row: asyncpg.Record) -> OpenLetter:
    """Return the letter in a row of open_letters.sql."""
    return OpenLetter(
        row["letter_id"],
        LetterState(row["state"]),
        row["aggregate_id"],
        row["command_id"],
        row["in_line"],
        row["head"],
        None if row["action"] is None else Action(row["action"]),
        row["corrected_body"],
        row["operator"],
        row["why"],
        LetterMessage(
            row["body"],
            row["queue"],
            row["routing_key"],
            row["reply_to"],
            row["correlation_id"],
            row["user_id"],
            row["content_type"],
            row["headers"],
            row["bundle"],
        ),
        row["answered"],
        row["answered_reason"],
    )
