"""Whether a corrected body may take the place of a letter: pure."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from publisher.dead_letters.states import OPEN_STATES, LetterState
from publisher.errors import InvalidInput, LedgerRefused
from schemas.commands import Command, parse_command
from schemas.explanations import explain


@dataclass(frozen=True, slots=True)
class Editable:
    """What counts of the letter: `head` is what a parked one waits behind, `bundle` what workers have written."""

    letter_id: int
    state: LetterState
    aggregate_id: str | None
    command_id: UUID | None
    head: int | None = None
    bundle: str | None = None


def corrected_command(letter: Editable, corrected_body: bytes) -> Command:
    """Return the command that `corrected_body` holds, if it may take the letter's place.

    Raises `LedgerRefused` where nothing may, else `InvalidInput`, which says what is
    wrong and where.
    """
    _check_state(letter)
    try:
        command = parse_command(corrected_body)
    except ValidationError as error:
        raise InvalidInput(explain(error)) from error
    if letter.command_id is not None and command.command_id != letter.command_id:
        raise InvalidInput(
            f"command_id: must stay {letter.command_id}, or a late copy of the original could run as well "
            f"(got {command.command_id})"
        )
    if letter.state is LetterState.HELD and command.aggregate_id != letter.aggregate_id:
        raise InvalidInput(
            f"{letter.aggregate_id!a} waits for it, so it must stay about that (got {command.aggregate_id!a}); "
            "to let go of it, skip it"
        )
    return command


def _check_state(letter: Editable) -> None:
    if letter.state not in OPEN_STATES:
        raise LedgerRefused(f"{letter.letter_id} is closed already")
    if letter.state is LetterState.PARKED:
        behind = "another" if letter.head is None else f"{letter.head}"
        raise LedgerRefused(
            f"{letter.letter_id} waits behind {behind}, and nothing passes that: replay, edit or skip that one first"
        )
    if letter.bundle is not None:
        raise LedgerRefused(
            f"{letter.letter_id} is what a worker has written for another, so it is not corrected: "
            "replay it, or skip it"
        )
