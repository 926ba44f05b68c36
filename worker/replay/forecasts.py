"""What would become of letters, in words for whoever looks at the dry run."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from schemas.reasons import Reason
from worker.lane.dead_letters.holds import Holds
from worker.lane.dead_letters.reading import Closable, NotDone, StandingAnswer
from worker.lane.dead_letters.verdicts import AskedBy, verdict_on
from worker.lane.decoding import Unprocessable
from worker.lane.endings import Ending
from worker.ledger import OpenLetter
from worker.replay.lines import Turn

_NOBODY = AskedBy("", "")
_WAITING = "still waiting"


class LetterToDecide(NamedTuple):
    """A letter with what a lane need not know of it."""

    letter: OpenLetter
    partition: int
    reason: str

    @property
    def kills(self) -> bool:
        """Whether workers have died of it: then it is not decided here, where it could kill one more."""
        return self.reason == Reason.CRASHED


class Forecast(NamedTuple):
    """What would become of the letter at this place of the dry run."""

    ordinal: int
    outcome: str | None
    outcome_reason: str | None
    message: str | None


class Forecasts:
    """Follows lines as they are decided; asks, before each letter, whether its turn would come at all."""

    def __init__(self) -> None:
        self._told: dict[int, Forecast] = {}
        self._heads: dict[int, int] = {}
        """Ordinals by letter."""
        self._followers: dict[int, Counter[str]] = {}
        self._stopped: dict[str, int] = {}
        """Aggregates that would wait again, and the letter they would wait for."""

    def comes(self, turn: Turn) -> bool:
        """Return whether the turn of the letter would come; where not, say so of it."""
        stopped_by = turn.blocked_by or self._stopped.get(turn.aggregate_id or "")
        if stopped_by is None:
            return True
        self._note(turn, Forecast(turn.ordinal or 0, None, None, f"it waits behind letter {stopped_by}, in its turn"))
        return False

    def kills(self, turn: Turn, letter: OpenLetter) -> None:
        """Say that it was not tried."""
        message = "workers have died of it, so a dry run does not try it: replay it alone, or skip it"
        self._note(turn, Forecast(turn.ordinal or 0, None, None, message))
        self._stop(turn, letter)

    def ends(self, turn: Turn, letter: OpenLetter, ending: Ending | NotDone | Closable | StandingAnswer) -> None:
        """Say how it would end."""
        verdict = verdict_on(letter, ending, _NOBODY, Holds())
        if verdict is not None:
            told = Forecast(turn.ordinal or 0, verdict.outcome, verdict.outcome_reason, verdict.message)
            self._note(turn, told)
        if isinstance(ending, Unprocessable | NotDone):
            self._stop(turn, letter)

    def told(self) -> Sequence[Forecast]:
        """Return what was found out; of a letter that others are parked behind, with what would become of them."""
        for head, followers in self._followers.items():
            ordinal = self._heads.get(head)
            if ordinal is not None:
                own = self._told[ordinal]
                self._told[ordinal] = own._replace(message=_joined(own.message, followers))
        self._followers.clear()
        return list(self._told.values())

    def _note(self, turn: Turn, forecast: Forecast) -> None:
        if turn.behind is not None:
            outcome = forecast.outcome or _WAITING
            self._followers.setdefault(turn.behind, Counter())[outcome] += 1
        if turn.ordinal is not None:
            self._told[turn.ordinal] = forecast
            self._heads[turn.letter_id] = turn.ordinal

    def _stop(self, turn: Turn, letter: OpenLetter) -> None:
        if letter.in_line and not letter.state.closed and turn.aggregate_id is not None:
            self._stopped[turn.aggregate_id] = turn.letter_id


def _joined(message: str | None, followers: Counter[str]) -> str:
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in followers.most_common())
    parked = f"and {followers.total()} parked behind it: {outcomes}"
    return parked if message is None else f"{message}; {parked}"
