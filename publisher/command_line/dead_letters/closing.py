"""`order-publisher dead-letters skip` and `edit`: other ways in which a letter ends than a replay."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from publisher.command_line.dead_letters.confirming import confirm
from publisher.command_line.dead_letters.editor import body_of, edit_until_taken
from publisher.command_line.dead_letters.following import follow_requests, goes_on
from publisher.command_line.dead_letters.json_lines import print_json, whole_letter_as_json
from publisher.command_line.dead_letters.options import (
    Detach,
    LetterId,
    Operator,
    WaitSeconds,
    Why,
    Yes,
    filtered_or_named,
    operator_of,
)
from publisher.command_line.dead_letters.plan_tables import told_left_out
from publisher.command_line.dead_letters.words import PROGRAM, STATE_WORDS, counted, printable, told_outcome
from publisher.command_line.exit_codes import ExitCode, exit_code_of
from publisher.command_line.failures import complain, explained
from publisher.command_line.options import AsJson, DatabaseUrl
from publisher.dead_letters import Asked, DeadLetters, LetterFilter, LetterState, WholeLetter
from publisher.dead_letters.reading import LETTERS_PER_LOOK
from schemas.results import Outcome


@filtered_or_named
def skip(
    letter_filter: LetterFilter,
    why: Why,
    database_url: DatabaseUrl,
    operator: Operator = None,
    yes: Yes = False,
    detach: Detach = False,
    timeout_seconds: WaitSeconds = None,
    as_json: AsJson = False,
) -> None:
    """Give dead letters up for good: those named, or that match.

    A skipped command is never applied, also if a late copy of it arrives. What was
    parked behind a held one is decided next, in its order.
    """
    with explained(), goes_on() as told:
        asks = letter_filter.letter_ids is None and not yes
        asked = uvloop.run(_skip(database_url, letter_filter, operator_of(operator), why, asks=asks))
        sys.stderr.write(told_left_out(asked.left_out))
        if not asked.letter_ids:
            complain("nothing to skip: no dead letter matches that is free")
            raise typer.Exit(ExitCode.REJECTED)
        told.sentence = f"what was asked for goes on: `{PROGRAM} list` tells what is still open"
        skipped, refused = None, None
        if not detach:
            skipped, refused = uvloop.run(_skipped(database_url, asked.letter_ids, timeout_seconds))
        count = counted(len(asked.letter_ids), "dead letter")
        if as_json:
            print_json(asdict(asked) | {"skipped": skipped})
        else:
            typer.echo(f"asked to skip {count}" if skipped is None else f"{skipped:,} of {count} skipped")
        if refused is not None:
            complain(f"{refused.letter.letter_id} was not: {_told_state(refused)}")
    all_done = not asked.left_out and skipped in {None, len(asked.letter_ids)}
    raise typer.Exit(ExitCode.DONE if all_done else ExitCode.REJECTED)


def edit(
    letter_id: LetterId,
    why: Why,
    database_url: DatabaseUrl,
    body: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The corrected body, - is the standard input  [default: $EDITOR]"),
    ] = None,
    operator: Operator = None,
    detach: Detach = False,
    timeout_seconds: WaitSeconds = None,
    as_json: AsJson = False,
) -> None:
    """Let a corrected body be decided in a letter's place.

    The original never runs as well. The body keeps its command id, and the SKU
    where that is held. Exits as the command itself does.
    """
    with explained(), goes_on() as told:
        who = operator_of(operator)

        def take(corrected: bytes) -> None:
            uvloop.run(_edit(database_url, letter_id, corrected, who, why))

        if body is not None:
            take(body_of(body))
        else:
            edit_until_taken(uvloop.run(_whole(database_url, letter_id)).contents.body, take)
        told.sentence = f"what was asked for goes on: `{PROGRAM} show {letter_id}` tells what became of it"
        if detach:
            typer.echo(f"asked to edit dead letter {letter_id}")
            raise typer.Exit(ExitCode.DONE)
        whole = uvloop.run(_edited(database_url, letter_id, timeout_seconds))
        if as_json:
            print_json(whole_letter_as_json(whole))
        else:
            typer.echo(_told_end(whole))
    raise typer.Exit(_code(whole))


async def _skip(database_url: str, letter_filter: LetterFilter, operator: str, why: str, *, asks: bool) -> Asked:
    async with DeadLetters(database_url) as ledger:
        if asks:
            await confirm(ledger, letter_filter, "skip")
        return await ledger.skip(letter_filter, operator=operator, why=why)


async def _skipped(
    database_url: str, letter_ids: tuple[int, ...], timeout_seconds: float | None
) -> tuple[int, WholeLetter | None]:
    """Return how many were skipped, and one that was not."""
    async with DeadLetters(database_url) as ledger:
        await follow_requests(ledger, letter_ids, timeout_seconds)
        count = (await ledger.totals(LetterFilter(letter_ids=letter_ids))).by_state.get(LetterState.SKIPPED, 0)
        if count == len(letter_ids):
            return count, None
        # A few at a time: to page through what fits a list, the whole list is sent for every page.
        for first in range(0, len(letter_ids), LETTERS_PER_LOOK):
            async for letter in ledger.letters(LetterFilter(letter_ids=letter_ids[first : first + LETTERS_PER_LOOK])):
                if letter.state is not LetterState.SKIPPED:
                    return count, await ledger.letter(letter.letter_id)
    return count, None


async def _edit(database_url: str, letter_id: int, body: bytes, operator: str, why: str) -> None:
    async with DeadLetters(database_url) as ledger:
        await ledger.edit(letter_id, body, operator=operator, why=why)


async def _whole(database_url: str, letter_id: int) -> WholeLetter:
    async with DeadLetters(database_url) as ledger:
        return await ledger.letter(letter_id)


async def _edited(database_url: str, letter_id: int, timeout_seconds: float | None) -> WholeLetter:
    async with DeadLetters(database_url) as ledger:
        await follow_requests(ledger, (letter_id,), timeout_seconds)
        return await ledger.letter(letter_id)


def _told_end(whole: WholeLetter) -> str:
    letter = whole.letter
    now = f"{'is still' if letter.is_open else 'was'} {STATE_WORDS[letter.state]}"
    return f"dead letter {letter.letter_id} {now}: {_told_state(whole)}"


def _told_state(whole: WholeLetter) -> str:
    letter = whole.letter
    if letter.is_open:
        return printable(whole.refusal or whole.contents.error)
    return told_outcome(letter.outcome, letter.outcome_reason) or "without an outcome"


def _code(whole: WholeLetter) -> ExitCode:
    outcome = whole.letter.outcome
    if whole.letter.is_open or outcome not in set(Outcome):
        return ExitCode.DEAD_LETTERED
    return exit_code_of(Outcome(outcome))
