"""Letters that matched, and that nothing was asked about, because nothing could be."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a letter was left out."""

    UNKNOWN = "unknown"
    CLOSED = "closed"
    PARKED = "parked"
    ASKED_FOR = "asked_for"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """`count` letters that were left out for one reason.

    `letter_id` is one of them, and `because_of` what it was left out for: the letter
    that it waits behind, or the plan that has it.
    """

    why: Why
    count: int
    letter_id: int
    because_of: int | None = None

    def __str__(self) -> str:
        """Return it as a sentence without its end."""
        sentences = _SENTENCES if self.because_of is not None else _SENTENCES_WITHOUT_CAUSE
        one = sentences[self.why].format(letter_id=self.letter_id, because_of=self.because_of)
        return one if self.count == 1 else f"{self.count:,} letters: {one}, for one"


_SENTENCES_WITHOUT_CAUSE = {
    Why.UNKNOWN: "there is no dead letter {letter_id}",
    Why.CLOSED: "{letter_id} is closed already",
    Why.PARKED: "{letter_id} is being decided: what it waited behind was let go",
    Why.ASKED_FOR: "something is asked for about {letter_id} already",
}
_SENTENCES = _SENTENCES_WITHOUT_CAUSE | {
    Why.PARKED: "{letter_id} waits behind {because_of}, and follows it",
    Why.ASKED_FOR: "{letter_id} is asked for by plan {because_of}",
    Why.PLANNED: "{letter_id} is in plan {because_of}, which has not ended",
}
