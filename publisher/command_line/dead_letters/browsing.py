"""`order-publisher dead-letters list`, `groups`, `show`: what lies there."""

from datetime import UTC, datetime
from typing import Annotated

import typer
import uvloop
from rich.console import Group as Lines
from rich.text import Text

from publisher.command_line.dead_letters.json_lines import print_json, whole_letter_as_json
from publisher.command_line.dead_letters.letter_tables import (
    GROUP_HEADING,
    LETTER_HEADING,
    group_lines,
    letter_line,
    whole_letter,
)
from publisher.command_line.dead_letters.next_steps import after_groups, after_letter, after_list
from publisher.command_line.dead_letters.options import LetterId, filtered
from publisher.command_line.dead_letters.words import counted, told_totals
from publisher.command_line.failures import explained
from publisher.command_line.options import AsJson, DatabaseUrl
from publisher.command_line.tables import show as print_table
from publisher.dead_letters import DeadLetters, Group, Letter, LetterFilter, Totals, WholeLetter, totals_of

DEFAULT_LETTERS = 20
DEFAULT_GROUPS = 20


@filtered
def list_letters(
    letter_filter: LetterFilter,
    database_url: DatabaseUrl,
    limit: Annotated[int, typer.Option(metavar="COUNT", min=1, help="How many")] = DEFAULT_LETTERS,
    before: Annotated[int | None, typer.Option(metavar="ID", min=1, help="Older than this one")] = None,
    as_json: AsJson = False,
) -> None:
    """List dead letters, the newest first.

    With --json, an object a line.
    """
    with explained():
        if as_json:
            uvloop.run(_print_letters(database_url, letter_filter, before, limit))
            return
        totals, letters = uvloop.run(_found(database_url, letter_filter, before, limit))
        now = datetime.now(UTC)
        typer.echo(told_totals(totals, letter_filter, now))
        if letters:
            lines = [Text(LETTER_HEADING, style="bold"), *map(letter_line, letters)]
            print_table(Lines("", *lines, "", after_list(letters, totals)))


@filtered
def groups(
    letter_filter: LetterFilter,
    database_url: DatabaseUrl,
    limit: Annotated[int, typer.Option(metavar="COUNT", min=1, help="How many causes")] = DEFAULT_GROUPS,
    as_json: AsJson = False,
) -> None:
    """Count dead letters by cause, the most frequent first.

    Letters of one fingerprint have the same cause: their errors differ in numbers,
    ids and quoted words alone. With --json, an object a line.
    """
    with explained():
        found = uvloop.run(_grouped(database_url, letter_filter))
        if as_json:
            for group in found[:limit]:
                print_json(group)
            return
        totals = totals_of(found)
        typer.echo(told_totals(totals, letter_filter, datetime.now(UTC)))
        if found:
            typer.echo(f"{counted(len(found), 'cause')}{f', the first {limit}' if len(found) > limit else ''}\n")
            lines = [
                Text(GROUP_HEADING, style="bold"),
                *(line for group in found[:limit] for line in group_lines(group)),
            ]
            print_table(Lines(*lines, "", after_groups(found[0], totals)))


def show(letter_id: LetterId, database_url: DatabaseUrl, as_json: AsJson = False) -> None:
    """Show one dead letter whole.

    What it is, what it waits behind or holds up, and what was done about it.
    """
    with explained():
        whole = uvloop.run(_whole(database_url, letter_id))
        if as_json:
            print_json(whole_letter_as_json(whole))
            return
        print_table(Lines(whole_letter(whole, datetime.now(UTC)), "", after_letter(whole)))


async def _print_letters(database_url: str, letter_filter: LetterFilter, before: int | None, limit: int) -> None:
    async with DeadLetters(database_url) as ledger:
        async for letter in ledger.letters(letter_filter, before=before, limit=limit):
            print_json(letter)


async def _found(
    database_url: str, letter_filter: LetterFilter, before: int | None, limit: int
) -> tuple[Totals, list[Letter]]:
    async with DeadLetters(database_url) as ledger:
        totals = await ledger.totals(letter_filter)
        return totals, [letter async for letter in ledger.letters(letter_filter, before=before, limit=limit)]


async def _grouped(database_url: str, letter_filter: LetterFilter) -> list[Group]:
    async with DeadLetters(database_url) as ledger:
        return await ledger.groups(letter_filter)


async def _whole(database_url: str, letter_id: int) -> WholeLetter:
    async with DeadLetters(database_url) as ledger:
        return await ledger.letter(letter_id)
