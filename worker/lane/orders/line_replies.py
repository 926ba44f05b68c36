"""What an order hears of its lines: answers of other lanes, which come through the reply exchange.

Anybody may have sent something there. It counts only if it answers a question
that this order has asked, and everything else is passed over.
"""

from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from schemas.partitions import order_reply_to, partition_of
from schemas.reasons import Reason
from schemas.results import Result, parse_result
from worker.domain.orders import LineHeld, LineRefused, Step
from worker.lane.orders.errands import held_for, line_command_id
from worker.lane.ports import Delivery


class LineReply(NamedTuple):
    """The answer to the reservation of a line."""

    delivery: Delivery
    command_id: UUID
    """Of the reservation."""
    aggregate_id: str
    """Of the order."""
    heard: LineHeld | LineRefused


class PassedOver(NamedTuple):
    """A delivery from the reply exchange that answers no order."""

    delivery: Delivery


def came_from_replies(delivery: Delivery, partition: int) -> bool:
    """Return whether it came through the reply exchange: commands have other routing keys."""
    return delivery.routing_key.startswith(f"{order_reply_to(partition)}.")


def read_line_reply(delivery: Delivery, partition: int, partition_count: int) -> LineReply | PassedOver:
    """Return what `delivery` says about a line of an order of `partition`."""
    try:
        result = parse_result(delivery.body)
        aggregate_id, line = held_for(result.reservation_id or "")
    except (ValidationError, ValueError):
        return PassedOver(delivery)
    asked = line_command_id(aggregate_id, line, Step.RESERVE)
    if result.command_id != asked or partition_of(aggregate_id, partition_count) != partition:
        return PassedOver(delivery)
    if result.reason is Reason.HELD:
        return PassedOver(
            delivery
        )  # it only waits, and is answered again; until then, or its deadline, so does the order
    return LineReply(delivery, asked, aggregate_id, _heard(result, line))


def _heard(result: Result, line: int) -> LineHeld | LineRefused:
    if result.applied and result.quantity:
        return LineHeld(line, result.quantity)
    return LineRefused(line, str(result.reason or result.outcome), result.message)
