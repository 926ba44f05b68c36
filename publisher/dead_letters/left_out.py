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
        return self._one() if self.count == 1 else f"{self.count:,} letters: {self._one()}, for one"

    def _one(self) -> str:
        match self.why:
            case Why.UNKNOWN:
                return f"there is no dead letter {self.letter_id}"
            case Why.CLOSED:
                return f"{self.letter_id} is closed already"
            case Why.PARKED if self.because_of is None:
                return f"{self.letter_id} is being decided: what it waited behind was let go"
            case Why.PARKED:
                return f"{self.letter_id} waits behind {self.because_of}, and follows it"
            case Why.ASKED_FOR if self.because_of is None:
                return f"something is asked for about {self.letter_id} already"
            case Why.ASKED_FOR | Why.PLANNED:
                return f"{self.letter_id} is in plan {self.because_of}, which has not ended"
