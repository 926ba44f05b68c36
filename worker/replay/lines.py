"""In which order the letters of a dry run would be decided: pure.

Effects add up within a SKU or an order, and nowhere else. So each of these is a
line: the letter that holds it, what is parked behind that, and then whatever else
is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple


class PlannedLetter(NamedTuple):
    """A letter of a dry run, as it stands."""

    ordinal: int
    letter_id: int
    aggregate_id: str | None
    in_line: bool
    """Whether it holds its aggregate, or is parked."""
    waits: bool
    """Whether its aggregate waits."""
    head: int | None
    """The letter that holds its aggregate; None where that is resolved already."""


class Turn(NamedTuple):
    """One letter in its turn."""

    letter_id: int
    aggregate_id: str | None
    ordinal: int | None
    """Its place in the dry run; None where it only follows."""
    follows: bool = False
    """Whether it is parked, and comes to its turn by itself."""
    behind: int | None = None
    """The letter whose replay would bring it to its turn, where that is not done already."""
    blocked_by: int | None = None
    """The letter that it would have to wait for, which is not part of the dry run."""


def turns_of(planned: Sequence[PlannedLetter], parked: Mapping[str, Sequence[int]]) -> list[Turn]:
    """Return all that would be decided, line by line; `parked` are those of each aggregate, in their order."""
    lines: dict[str | int, list[PlannedLetter]] = {}
    for letter in planned:
        lines.setdefault(letter.letter_id if letter.aggregate_id is None else letter.aggregate_id, []).append(letter)
    return [turn for line in lines.values() for turn in _line(line, parked)]


def _line(letters: Sequence[PlannedLetter], parked: Mapping[str, Sequence[int]]) -> Iterator[Turn]:
    first = letters[0]
    let_go = first.waits and (first.head is None or first.head in {letter.letter_id for letter in letters})
    blocked_by = first.head if first.waits and not let_go else None
    ahead = [letter for letter in letters if letter.letter_id == first.head]
    yield from (_asked(letter, blocked_by) for letter in ahead)
    if let_go and first.aggregate_id is not None:
        named = {letter.letter_id: letter for letter in letters}
        for letter_id in parked.get(first.aggregate_id, ()):
            ordinal = named[letter_id].ordinal if letter_id in named else None
            yield Turn(letter_id, first.aggregate_id, ordinal, follows=True, behind=first.head)
    others = (letter for letter in letters if not letter.in_line and letter.letter_id != first.head)
    yield from (_asked(letter, blocked_by) for letter in others)
    if not let_go:
        yield from (_asked(letter, blocked_by) for letter in letters if letter.in_line)


def _asked(letter: PlannedLetter, blocked_by: int | None) -> Turn:
    return Turn(letter.letter_id, letter.aggregate_id, letter.ordinal, blocked_by=blocked_by)


def needing_followers(planned: Iterable[PlannedLetter]) -> list[str]:
    """Return the aggregates whose parked letters matter."""
    return sorted({letter.aggregate_id for letter in planned if letter.waits and letter.aggregate_id is not None})
