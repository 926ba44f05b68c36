"""An open letter -> what has to be decided about it."""

import json
from typing import Any, NamedTuple

from schemas.reasons import Reason
from worker.lane.dead_letters.letters import aggregate_id_of, unprocessed
from worker.lane.dead_letters.suspects import Portion
from worker.lane.decoding import Decoded, Nudge, Unprocessable, decode, uuid_of
from worker.lane.orders.line_replies import LineReply, PassedOver
from worker.lane.planning import Item, Skip
from worker.lane.ports import Assignment, BundleKind, Delivery
from worker.ledger import Action, LetterState, OpenLetter

SENT_UNTIL_DECIDED = frozenset({"expire", "expire_order", "fulfil_line", "release_line"})
"""Their ids are made of what they end: given up, they would leave units held, or an order pending, for good."""

UNSUSPECTED = Portion(0, 1, 0)

_NO_TAG = 0
"""It was not delivered, so it is not acknowledged; the broker's tags begin at 1."""


class NotDone(NamedTuple):
    """What was asked cannot be done, and why."""

    message: str


class Closable(NamedTuple):
    """A letter that is given up, of which nothing has to be recorded: it is no command."""


class StandingAnswer(NamedTuple):
    """A letter whose command has an answer that says this; it is not sent again, since workers die of that."""

    outcome: str
    reason: str | None


Reading = Item | Unprocessable | NotDone | Closable | StandingAnswer
"""What a letter asks for."""


def crashed(delivery: Delivery, portion: Portion, assignment: Assignment) -> Unprocessable:
    """Return that `delivery`, which is convicted, is not processed. Unread, it is the command that its sender says."""
    problem = (
        f"workers died {portion.attempts} times while they processed this message; "
        "replay it once what made them die is mended, or skip it"
    )
    if not portion.blind:
        read = decode(delivery, assignment.partition, assignment.partition_count)
        if isinstance(read, Unprocessable):
            return read
        if not isinstance(read, PassedOver | Nudge):
            return unprocessed(read, Reason.CRASHED, problem)
    return Unprocessable(delivery, Reason.CRASHED, problem, uuid_of(delivery.correlation_id))


def read_letter(letter: OpenLetter, assignment: Assignment, portion: Portion = UNSUSPECTED) -> Reading:
    """Return what `letter` asks its lane to decide; `portion` says whether workers died of it."""
    if letter.state.closed:
        return NotDone(f"it had been {letter.state} when its turn came")
    if letter.state is LetterState.PARKED and letter.action in {Action.REPLAY, Action.EDIT}:
        return NotDone(f"it is parked{_behind(letter)}, and follows by itself")
    answered = _answered(letter)
    if portion.blind and answered is not None:
        return answered
    if portion.convicted and answered is None and letter.action is not Action.SKIP:
        return crashed(delivery_of(letter), portion, assignment)
    return Closable() if portion.blind else _read(letter, assignment)


def _answered(letter: OpenLetter) -> StandingAnswer | None:
    # What an order is told bears the id of its question: that has an answer, which the order may not have heard.
    if letter.answered is None or letter.message.bundle == BundleKind.TOLD:
        return None
    return StandingAnswer(letter.answered, letter.answered_reason)


def _behind(letter: OpenLetter) -> str:
    return "" if letter.head is None else f" behind letter {letter.head}"


def _read(letter: OpenLetter, assignment: Assignment) -> Item | Unprocessable | NotDone | Closable:
    read = decode(delivery_of(letter), assignment.partition, assignment.partition_count)
    if letter.action is Action.SKIP:
        return _skipped(letter, read)
    if isinstance(read, PassedOver | Nudge):
        return Unprocessable(read.delivery, Reason.INVALID, "this message is no command")
    if letter.action is Action.EDIT:
        return _wrongly_edited(letter, read) or read
    return read


def _skipped(letter: OpenLetter, read: Decoded) -> Skip | NotDone | Closable:
    if isinstance(read, Unprocessable | PassedOver | Nudge):
        return Closable()
    if not isinstance(read, LineReply) and read.command.type in SENT_UNTIL_DECIDED:
        return NotDone(
            f"workers send this {read.command.type} until it is decided, and no other ends what it is about: replay it"
        )
    return Skip(read, letter.why or "")


def _wrongly_edited(letter: OpenLetter, read: Item | Unprocessable) -> NotDone | None:
    if letter.message.bundle is not None:
        # Believed as it is, because a worker has written it.
        return NotDone("a worker has written this message for another, so it is not corrected: replay it, or skip it")
    if isinstance(read, Unprocessable):
        return NotDone(f"the corrected body is no command: {read.error}")
    named = unprocessed(read, Reason.INVALID, "")  # type: ignore[arg-type]
    if letter.command_id is not None and named.command_id != letter.command_id:
        return NotDone(
            f"the corrected body must keep the command id {letter.command_id}, so that the original never runs"
        )
    if letter.in_line and aggregate_id_of(named) != letter.aggregate_id:
        return NotDone(f"the corrected body must stay with {letter.aggregate_id!r}, whose line it is in")
    return None


def delivery_of(letter: OpenLetter) -> Delivery:
    """Return the letter's message, or what takes its place, as a delivery."""
    message = letter.message
    body = message.body if letter.corrected_body is None else letter.corrected_body
    return Delivery(
        body,
        _NO_TAG,
        message.queue,
        message.routing_key,
        reply_to=message.reply_to,
        correlation_id=message.correlation_id,
        user_id=message.user_id,
        content_type=message.content_type,
        headers=_headers(message.headers),
        # Filed only by workers, who had it from the broker that a worker has sent it.
        bundle=None if message.bundle is None else BundleKind(message.bundle),
        letter_id=letter.letter_id,
    )


def _headers(text: str) -> dict[str, Any]:
    headers = json.loads(text)
    return headers if isinstance(headers, dict) else {}
