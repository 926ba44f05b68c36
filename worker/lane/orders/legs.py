"""The way of an order from lane to lane: a few lines are reserved in turn before the order hears of any.

The lane that has reserved a line knows what the order would ask next, so it asks
at once, in the order's name. What the lines got so far goes along, and comes home
after the last line of the leg, or with the first that ends it. Each lane decides
its own line only; what it sends on follows from its recorded answer. So a leg that
is asked for again goes the same way to the same end.

Only a bundle carries a leg: what others got is believed where a worker has told it.
A reservation that comes alone is a leg of one line. Anybody may have asked for it, so
the question comes home with the answer, and the order sees whether it is its own.
"""

from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import Field, TypeAdapter
from pydantic_core import to_json

from schemas.commands import StockCommand, identity
from schemas.order_commands import FulfilLine, ReleaseLine, ReserveLine
from schemas.reasons import Reason
from schemas.results import Outcome, Result
from worker.domain.orders import LineAnswer, Step
from worker.lane.orders.errands import held_for, hold_id, line_command_id
from worker.lane.ports import BundleKind


class ReserveLineOnLeg(ReserveLine):
    """A reservation, and what is on its way with it. Workers have written that, from what they had validated."""

    asked: UUID | None = None
    """The command that the leg began with; None where it begins here."""
    heard: tuple[tuple[int, str | None, str | None], ...] = ()
    """What its earlier lines got, each a `LineAnswer`."""
    then: tuple[tuple[str, str, int], ...] = ()
    """The lines to be reserved next, each a `Line`."""


_RESERVATIONS = (ReserveLine, ReserveLineOnLeg)

_LineCommand = Annotated[ReserveLineOnLeg | FulfilLine | ReleaseLine, Field(discriminator="type")]
_ADAPTER: TypeAdapter[ReserveLineOnLeg | FulfilLine | ReleaseLine] = TypeAdapter(_LineCommand)


class Onward(NamedTuple):
    """What a lane sends on in the name of an order, to the lane of `aggregate_id`."""

    kind: BundleKind
    aggregate_id: str
    body: bytes


def parse_line_command(body: bytes) -> ReserveLineOnLeg | FulfilLine | ReleaseLine:
    """Return the command of an order that `body` holds. Raises `pydantic.ValidationError`."""
    return _ADAPTER.validate_json(body)


def onward(command: StockCommand, result: Result) -> Onward | None:
    """Return what follows from the `result` of `command` for the order that waits for it; None where none does."""
    # By type: `isinstance` of a pydantic model costs ten times as much, at every command.
    if type(command) not in _RESERVATIONS or result.reason is Reason.HELD:
        return None  # what is held only waits, and is answered again; so does the order, until its deadline
    answer = _answer(result)
    if type(command) is ReserveLineOnLeg:
        goes_on = answer.held or (command.allow_partial and result.outcome is Outcome.REJECTED)
        return _next(command, answer) if command.then and goes_on else _home(command, answer)
    alone = ReserveLineOnLeg.model_construct(**vars(command))
    return _home(alone, answer, question=identity(command).decode())


def _answer(result: Result) -> LineAnswer:
    if result.outcome is Outcome.APPLIED and result.quantity:
        return LineAnswer(result.quantity)
    return LineAnswer(0, (result.reason or result.outcome).value, result.message)


def _next(leg: ReserveLineOnLeg, answer: LineAnswer) -> Onward:
    aggregate_id, number = held_for(leg.reservation_id)
    (sku, location, quantity), *then = leg.then
    changed = {
        "command_id": line_command_id(aggregate_id, number + 1, Step.RESERVE),
        "sku": sku,
        "location": location,
        "quantity": quantity,
        "reservation_id": hold_id(aggregate_id, number + 1),
        "asked": leg.asked or leg.command_id,
        "heard": (*leg.heard, answer),
        "then": then,
    }
    return Onward(BundleKind.ASKED, sku, to_json(vars(leg) | changed))


def _home(leg: ReserveLineOnLeg, answer: LineAnswer, question: str | None = None) -> Onward:
    aggregate_id, number = held_for(leg.reservation_id)
    told = {
        "command_id": leg.asked or leg.command_id,
        "order": aggregate_id,
        "line": number - len(leg.heard),
        "answers": (*leg.heard, answer),
        "question": question,
    }
    return Onward(BundleKind.TOLD, aggregate_id, to_json(told))
