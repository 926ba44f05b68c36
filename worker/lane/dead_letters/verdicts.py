"""What became of letters, and what that does to the lines they stand in. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemas.fingerprints import fingerprint
from schemas.reasons import Reason
from schemas.results import Outcome, parse_result
from worker.lane.answers import Answer
from worker.lane.dead_letters.holds import Holds
from worker.lane.dead_letters.letters import aggregate_id_of
from worker.lane.dead_letters.reading import Closable, NotDone, StandingAnswer
from worker.lane.decoding import Unprocessable
from worker.lane.endings import Ending, OrderEnding
from worker.lane.ports import BundleKind
from worker.ledger import Action, Hold, LetterState, OpenLetter, Verdict

ACCEPTED = "accepted"
"""The outcome of what is taken up and answered later: an order that is placed, or an order's line that was heard of."""

_CLOSED_BY = {None: LetterState.REPLAYED, Action.REPLAY: LetterState.REPLAYED, Action.EDIT: LetterState.EDITED}


class AskedBy(NamedTuple):
    """Who let a line go, and why."""

    operator: str
    why: str


def asked_by(letters: Iterable[OpenLetter]) -> Mapping[str | None, AskedBy]:
    """Return by aggregate who let its line go: whoever asked for its head, or had asked for it before."""
    found: dict[str | None, AskedBy] = {}
    for letter in letters:
        if letter.operator is not None:
            found.setdefault(letter.aggregate_id, AskedBy(letter.operator, letter.why or ""))
    return found


def verdict_on(
    letter: OpenLetter, ending: Ending | NotDone | Closable | StandingAnswer, let_go_by: AskedBy, holds: Holds
) -> Verdict | None:
    """Return what became of `letter`; None where its turn has not come.

    What was asked for has its own operator; what only follows, the one that its line was `let_go_by`.
    """
    asked = let_go_by if letter.operator is None else AskedBy(letter.operator, letter.why or "")
    if isinstance(ending, NotDone):
        return _not_done(letter, ending.message, asked)
    if isinstance(ending, Closable):
        return Verdict(letter.letter_id, "skipped", *asked, state=LetterState.SKIPPED, message="nothing was recorded")
    if isinstance(ending, StandingAnswer):
        return _answered_before(letter, ending, asked)
    if isinstance(ending, Unprocessable):
        return _not_processed(letter, ending, asked, holds)
    return _decided(letter, ending, asked)


def _not_done(letter: OpenLetter, message: str, asked: AskedBy) -> Verdict:
    return Verdict(letter.letter_id, "not_done", *asked, state=None, message=message)


def _answered_before(letter: OpenLetter, ending: StandingAnswer, asked: AskedBy) -> Verdict:
    state, deed = _closed(letter, ending)
    message = "its answer was recorded before; it was not sent again, since workers died of that"
    return Verdict(
        letter.letter_id,
        deed,
        *asked,
        state=state,
        outcome=ending.outcome,
        outcome_reason=ending.reason,
        message=message,
        corrected_body=letter.corrected_body,
    )


def _waits(letter: OpenLetter, ending: Unprocessable, asked: AskedBy, holds: Holds) -> Verdict | None:
    hold = holds.get(aggregate_id_of(ending))
    if letter.in_line or hold is None:
        return None
    behind = "others" if hold.head is None else f"letter {hold.head}"
    if letter.action is not Action.REPLAY or letter.aggregate_id != hold.aggregate_id:
        # Parked, it would be decided later as it was received.
        return _not_done(letter, f"{hold.aggregate_id!r} waits behind {behind}: ask again once that is resolved", asked)
    message = f"it waits behind {behind}, in its turn"
    return Verdict(letter.letter_id, "parked", *asked, state=LetterState.PARKED, message=message)


def _not_processed(letter: OpenLetter, ending: Unprocessable, asked: AskedBy, holds: Holds) -> Verdict | None:
    if ending.reason is Reason.HELD:
        return _waits(letter, ending, asked, holds)
    if letter.action is Action.SKIP:
        return _not_done(letter, ending.error, asked)
    reason = ending.reason.value
    return Verdict(
        letter.letter_id,
        "failed_again",
        *asked,
        state=LetterState.HELD if letter.in_line else LetterState.SET_ASIDE,
        tried=True,
        outcome=Outcome.DEAD_LETTERED.value,
        outcome_reason=reason,
        message=ending.error,
        reason=reason,
        error=ending.error,
        fingerprint=fingerprint(reason, ending.error),
    )


def _decided(letter: OpenLetter, ending: Answer | OrderEnding, asked: AskedBy) -> Verdict:
    answer = _answer(ending)
    reason = None if answer is None else answer.reason
    state, deed = _closed(letter, answer)
    return Verdict(
        letter.letter_id,
        deed,
        *asked,
        state=state,
        tried=letter.action is not Action.SKIP,
        outcome=ACCEPTED if answer is None else answer.outcome,
        outcome_reason=reason,
        message=None if answer is None else _told(answer),
        corrected_body=letter.corrected_body,
    )


def _closed(letter: OpenLetter, answer: Answer | StandingAnswer | None) -> tuple[LetterState, str]:
    if letter.action is not Action.SKIP:
        state = _CLOSED_BY[letter.action]
        return state, state.value
    # What an order is told has no answer of its own; a command without one has placed its order before, which goes on.
    given_up = letter.message.bundle == BundleKind.TOLD if answer is None else answer.reason == Reason.SKIPPED
    if given_up:
        return LetterState.SKIPPED, LetterState.SKIPPED.value
    return LetterState.REPLAYED, "not_done"  # it was decided before: nothing can be given up any more


def _answer(ending: Answer | OrderEnding) -> Answer | None:
    if isinstance(ending, Answer):
        return ending
    return ending.answers[0] if ending.answers else None


def _told(answer: Answer) -> str | None:
    return parse_result(answer.reply.body).message


class LinesAfter(NamedTuple):
    """The lines that `verdicts` have changed: those that still wait, and the aggregates that wait no longer."""

    holds: list[Hold]
    ended: list[str]


def lines_after(holds: Holds, letters: Sequence[OpenLetter], verdicts: Sequence[Verdict]) -> LinesAfter:
    """Return the lines as they stand after `verdicts` on some of `letters`."""
    standing = {letter.letter_id: letter for letter in letters}
    lines: dict[str, Hold] = {}
    for verdict in verdicts:
        letter = standing[verdict.letter_id]
        hold = holds.get(letter.aggregate_id)
        if hold is not None and verdict.state is not None:
            lines[hold.aggregate_id] = _after(lines.get(hold.aggregate_id, hold), letter, verdict)
    still = [hold for hold in lines.values() if hold.head is not None or hold.parked]
    return LinesAfter(still, [name for name, hold in lines.items() if hold.head is None and not hold.parked])


def _after(hold: Hold, letter: OpenLetter, verdict: Verdict) -> Hold:
    if verdict.state is LetterState.PARKED:
        return replace(hold, parked=hold.parked + 1)
    if not letter.in_line:
        return hold
    parked = hold.parked - (letter.state is LetterState.PARKED)
    if verdict.state is LetterState.HELD:
        return replace(hold, head=letter.letter_id, parked=parked, operator=None, why=None)
    if letter.letter_id == hold.head:
        return replace(hold, head=None, parked=parked, operator=verdict.operator, why=verdict.why)
    return replace(hold, parked=parked)
