"""Results on their way: who gets which, and what a command gets that is no new one."""

from typing import NamedTuple

import schemas
from schemas.reasons import Reason
from schemas.results import LineResult, OrderResult, Outcome, Result, encode_result, parse_result, reply_routing_key
from worker.event_store import StoredAnswer
from worker.lane.command_codec import reservation_id_of, to_location_of
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.orders.legs import Onward, onward
from worker.lane.ports import Reply


class Answer(NamedTuple):
    """A reply, with the words of it that metrics count by."""

    reply: Reply
    command_type: str | None
    outcome: str
    reason: str | None
    onward: Onward | None
    """What follows for the order whose line this is about."""


def answer(reply_to: str | None, result: Result, body: bytes, command: schemas.StockCommand | None = None) -> Answer:
    """Return `result`, whose bytes are `body`, on its way to `reply_to`; `command` is what it answers, where known."""
    outcome = result.outcome.value
    reply = Reply(
        reply_routing_key(reply_to, outcome, result.type, result.sku or result.aggregate_id),
        body,
        None if result.command_id is None else str(result.command_id),
    )
    follows = None if command is None else onward(command, result)
    return Answer(reply, result.type, outcome, None if result.reason is None else result.reason.value, follows)


def repeated(reply_to: str | None, stored: str, command: schemas.StockCommand | None = None) -> Answer:
    """Return the answer `stored` once more, byte for byte; `command` is what it answers, where it is about a SKU."""
    return answer(reply_to, parse_result(stored), stored.encode(), command)


def answered_before(request: Request | OrderRequest, known: StoredAnswer) -> Answer:
    """Return what a request gets whose command id is known: its answer once more, or that it is another command."""
    if known.answer is None or known.digest != request.digest:
        return conflicting(request, known)
    return repeated(request.delivery.reply_to, known.answer, request.command if isinstance(request, Request) else None)


def conflicting(request: Request | OrderRequest, stored: StoredAnswer) -> Answer:
    """Return what a command gets whose id belongs to another one: the same every time."""
    command = request.command
    message = f"this command id was used before, for another command: {_earlier(stored)}; use a new id"
    if isinstance(command, schemas.OrderCommand):
        return _answered(request.delivery.reply_to, _order_conflict(command, message))
    return _answered(request.delivery.reply_to, _conflict(command, message), command)


def _earlier(stored: StoredAnswer) -> str:
    # Of an order that is pending nothing more is known here; so it is not said afterwards either.
    if stored.answer is None:
        return "place_order"
    earlier = parse_result(stored.answer)
    if isinstance(earlier, OrderResult):
        return str(earlier.type)
    return f"{earlier.type} of {earlier.quantity} {earlier.sku} at {earlier.location} by {earlier.user}"


def _conflict(command: schemas.StockCommand, message: str) -> Result:
    return Result(
        command_id=command.command_id,
        outcome=Outcome.REJECTED,
        type=command.type,
        sku=command.sku,
        location=command.location,
        quantity=command.quantity,
        to_location=to_location_of(command),
        reservation_id=reservation_id_of(command),
        reason=Reason.CONFLICT,
        message=message,
    )


def _order_conflict(command: schemas.OrderCommand, message: str) -> OrderResult:
    return OrderResult(
        command_id=command.command_id,
        outcome=Outcome.REJECTED,
        type=command.type,
        sku=None,
        location=None,
        quantity=None,
        reason=Reason.CONFLICT,
        message=message,
        order_id=command.order_id,
        lines=_asked(command),
    )


def _asked(command: schemas.OrderCommand) -> tuple[LineResult, ...]:
    """Return its lines, so that whoever has sent two bodies under one id can tell which of them this is about."""
    if not isinstance(command, schemas.PlaceOrder):
        return ()
    return tuple(
        LineResult(sku=line.sku, location=line.location, quantity=line.quantity, sold=0, reason=None, message=None)
        for line in command.lines
    )


def dead_letter_answer(unprocessable: Unprocessable, *, reply_to: str | None) -> Answer:
    """Return the answer to a delivery that is set aside: the same for the same message every time."""
    result = Result(
        command_id=unprocessable.command_id,
        outcome=Outcome.DEAD_LETTERED,
        type=unprocessable.command_type,
        sku=unprocessable.sku,
        location=unprocessable.location,
        quantity=unprocessable.quantity,
        reason=unprocessable.reason,
        message=unprocessable.error,
        reservation_id=unprocessable.reservation_id,
    )
    if unprocessable.order_id is not None:
        result = OrderResult(**dict(result), order_id=unprocessable.order_id)
    request = unprocessable.item
    return _answered(reply_to, result, request.command if isinstance(request, Request) else None)


def _answered(reply_to: str | None, result: Result, command: schemas.StockCommand | None = None) -> Answer:
    return answer(reply_to, result, encode_result(result), command)
