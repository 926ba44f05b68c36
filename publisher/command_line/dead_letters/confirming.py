"""Asks before many letters are touched: with the numbers."""

import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.console import Group as Lines
from rich.text import Text

from publisher.command_line.dead_letters.letter_tables import GROUP_HEADING, INDENT, group_lines
from publisher.command_line.dead_letters.words import counted
from publisher.command_line.exit_codes import ExitCode
from publisher.command_line.failures import complain
from publisher.dead_letters import DeadLetters, Group, LetterFilter
from publisher.errors import InvalidInput

SHOWN_GROUPS = 20


async def confirm(ledger: DeadLetters, letter_filter: LetterFilter, what: str) -> None:
    """Return if the operator wants `what` done to all letters that match, of which none is named; else end the program.

    Raises `InvalidInput` where nobody can be asked.
    """
    groups = await ledger.groups(letter_filter)
    if not groups:
        return
    question = (
        f"{what} {counted(sum(group.count for group in groups), 'dead letter')} of {counted(len(groups), 'cause')}"
    )
    if not sys.stdin.isatty():
        raise InvalidInput(f"this would {question}; say --yes if you mean it, or narrow it with a filter")
    Console(stderr=True).print(Lines(*_lines(groups), ""))
    if not answered_yes(f"{question}? [y/N]: "):
        complain("nothing was asked for")
        raise typer.Exit(ExitCode.REJECTED)


def answered_yes(question: str, *, by_default: bool = False) -> bool:
    """Ask on the standard error output, since the other one may be read by a program; no line at all means no."""
    sys.stderr.write(question)
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        return False
    return answer.strip().lower() in {"y", "yes"} if answer.strip() else by_default


def _lines(groups: Sequence[Group]) -> list[Text]:
    lines = [
        Text(GROUP_HEADING, style="bold"),
        *(line for group in groups[:SHOWN_GROUPS] for line in group_lines(group)),
    ]
    if len(groups) > SHOWN_GROUPS:
        lines.append(Text(f"{INDENT}and {counted(len(groups) - SHOWN_GROUPS, 'cause')} more"))
    return lines
