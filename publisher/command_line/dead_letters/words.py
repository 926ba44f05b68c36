"""How dead letters are told: numbers, states, sentences. Nothing that a sender wrote may steer the terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from publisher.command_line.dead_letters.moments import since
from publisher.dead_letters import LetterFilter, LetterState, Totals
from publisher.dead_letters.states import OPEN_STATES
from schemas.dead_letters import FAILED_WORDS

PROGRAM = "order-publisher dead-letters"
NEXT_COLUMNS = 38

STATE_WORDS = {
    LetterState.SET_ASIDE: "set aside",
    LetterState.HELD: "held",
    LetterState.PARKED: "parked",
    LetterState.REPLAYED: "replayed",
    LetterState.EDITED: "edited",
    LetterState.SKIPPED: "skipped",
}


def printable(text: str) -> str:
    """Return `text` on one line, without what is no character to be seen."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))


def told_error(error: str) -> str:
    """Return `error` on one line that may be cut, beginning with what tells it from others."""
    return printable(error.removeprefix(FAILED_WORDS))


def counted(count: int, word: str) -> str:
    """Return `1 letter`, `2 letters`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def told_totals(totals: Totals, letter_filter: LetterFilter, now: datetime) -> str:
    """Return how many there are, where they stand, and since when."""
    which = "open " if set(totals.by_state) <= set(OPEN_STATES) and letter_filter.states is None else ""
    head = counted(totals.count, f"{which}dead letter")
    if totals.first_at is None or totals.last_at is None:
        return f"no {which}dead letter {'matches' if letter_filter.told() else 'lies here'}"
    lines = [f"{head}: {told_states(totals.by_state)}", f"oldest  {since(totals.first_at, now)}"]
    if totals.count > 1:
        lines.append(f"newest  {since(totals.last_at, now)}")
    return "\n".join(lines)


def told_states(by_state: Mapping[LetterState, int]) -> str:
    """Return `12 set aside, 1 held, 5 parked`."""
    parts = [f"{count:,} {STATE_WORDS[state]}" for state, count in by_state.items()]
    return ", ".join(parts)


def told_outcome(outcome: str | None, outcome_reason: str | None) -> str:
    """Return `rejected, insufficient_stock`; empty where there is none."""
    return ", ".join(word for word in (outcome, outcome_reason) if word)


def fitted(text: str, columns: int) -> str:
    """Return `text`, cut or filled, `columns` wide."""
    return set_cell_size(text if cell_len(text) <= columns else f"{set_cell_size(text, columns - 1)}…", columns)


def told_next(commands: Sequence[tuple[str, str]]) -> str:
    """Return what can be typed next: a command a line, and what it does."""
    columns = min(max(len(command) for command, _ in commands), NEXT_COLUMNS)
    return "\n".join([f"next, after {PROGRAM}:", *(f"  {command:<{columns}}  {what}" for command, what in commands)])
