"""The way of an order from lane to lane: its lines get their units in turn before the order hears of any.

The lane that has reserved a line knows what the order would ask next, so it asks
at once, in the order's name. What the lines got so far goes along, and comes home
after the last line of the leg, or with the first that ends it. Where that is the
last line of the order, it is not reserved but sold. Each lane decides
its own line only; what it sends on follows from its recorded answer. So a leg that
is asked for again goes the same way to the same end.

Only a bundle carries a leg: what others got is believed where a worker has told it.
"""

from typing import Annotated, NamedTuple
from uuid import UUID

from pydantic import Field, TypeAdapter
from pydantic_core import to_json

from schemas.commands import StockCommand
from schemas.order_commands import FulfilLine, ReleaseLine, ReserveLine, SellLine
from schemas.reasons import Reason
from schemas.results import Outcome, Result
from worker.domain.orders import LineAnswer, Step
from worker.lane.orders.errands import COMMAND_TYPES, held_for, hold_id, line_command_id
from worker.lane.ports import BundleKind


class ReserveLineOnLeg(ReserveLine):
    """A reservation, and what is on its way with it. Workers have written that, from what they had validated."""

    asked: UUID | None = None
    """The command that the leg began with; None where it begins here."""
    heard: tuple[tuple[int, str | None, str | None], ...] = ()
    """What its earlier lines got, each a `LineAnswer` of what is held."""
    then: tuple[tuple[str, str, int], ...] = ()
    """The lines that are next, each a `Line`."""
    sells: bool = False
    """Whether the last of them is the last of the order."""


class SellLineOnLeg(SellLine):
    """The same of a sale, which ends the order and the leg."""

    asked: UUID | None = None
    heard: tuple[tuple[int, str | None, str | None], ...] = ()


_Leg = ReserveLineOnLeg | SellLineOnLeg
_LEGS = (ReserveLineOnLeg, SellLineOnLeg)

LineCommandIn = ReserveLineOnLeg | SellLineOnLeg | FulfilLine | ReleaseLine
_ADAPTER: TypeAdapter[LineCommandIn] = TypeAdapter(Annotated[LineCommandIn, Field(discriminator="type")])


class Onward(NamedTuple):
    """What a lane sends on in the name of an order, to the lane of `aggregate_id`."""

    kind: BundleKind
    aggregate_id: str
    body: bytes


def parse_line_command(body: bytes) -> LineCommandIn:
    """Return the command of an order that `body` holds. Raises `pydantic.ValidationError`."""
    return _ADAPTER.validate_json(body)


def onward(command: StockCommand, result: Result) -> Onward | None:
    """Return what follows from the `result` of `command` for the order that waits for it; None where none does."""
    # By type: `isinstance` of a pydantic model costs ten times as much, at every command.
    if type(command) not in _LEGS or result.reason is Reason.HELD:
        return None  # what is held only waits, and is answered again; so does the order, until its deadline
    if type(command) is SellLineOnLeg:
        return _home(command, _answer(result, is_sale=True))
    assert type(command) is ReserveLineOnLeg  # noqa: S101 - the other kind of leg
    answer = _answer(result, is_sale=False)
    goes_on = answer.held or (command.allow_partial and result.outcome is Outcome.REJECTED)
    return _next(command, answer) if command.then and goes_on else _home(command, answer)


def _answer(result: Result, *, is_sale: bool) -> LineAnswer:
    if result.outcome is Outcome.APPLIED and result.quantity:
        return LineAnswer(0, sold=result.quantity) if is_sale else LineAnswer(result.quantity)
    return LineAnswer(0, (result.reason or result.outcome).value, result.message)


def _next(leg: ReserveLineOnLeg, answer: LineAnswer) -> Onward:
    aggregate_id, number = held_for(leg.reservation_id)
    (sku, location, quantity), *then = leg.then
    step = Step.SELL if leg.sells and not then else Step.RESERVE
    fields = vars(leg) | {
        "type": COMMAND_TYPES[step],
        "command_id": line_command_id(aggregate_id, number + 1, step),
        "sku": sku,
        "location": location,
        "quantity": quantity,
        "reservation_id": hold_id(aggregate_id, number + 1),
        "asked": leg.asked or leg.command_id,
        "heard": (*leg.heard, (answer.held, answer.reason, answer.message)),
        "then": then,
    }
    if step is Step.SELL:
        del fields["then"], fields["sells"]
    return Onward(BundleKind.ASKED, sku, to_json(fields))


def _home(leg: _Leg, answer: LineAnswer) -> Onward:
    aggregate_id, number = held_for(leg.reservation_id)
    told = {
        "command_id": leg.asked or leg.command_id,
        "order": aggregate_id,
        "line": number - len(leg.heard),
        "answers": (*leg.heard, answer),
    }
    return Onward(BundleKind.TOLD, aggregate_id, to_json(told))
