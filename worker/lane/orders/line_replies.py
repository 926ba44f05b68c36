"""What an order hears of its lines: answers of other lanes, as a worker has told them.

Anybody may have asked for them. One counts only if it answers a question
that this order has asked, and everything else is passed over.
"""

from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json

from schemas.partitions import partition_of
from schemas.reasons import Reason
from schemas.results import Outcome
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
    """A delivery that answers no order."""

    delivery: Delivery


def read_line_reply(delivery: Delivery, partition: int, partition_count: int) -> LineReply | PassedOver:
    """Return what `delivery` says about a line of an order of `partition`."""
    # A worker has written it, from a result: nothing is gained by validating it field by field.
    result = from_json(delivery.body)
    aggregate_id, line = held_for(result["reservation_id"])
    asked = line_command_id(aggregate_id, line, Step.RESERVE)
    if result["command_id"] != asked or partition_of(aggregate_id, partition_count) != partition:
        return PassedOver(delivery)
    if result["reason"] == Reason.HELD:
        return PassedOver(delivery)  # it only waits, and is answered again; so does the order, until its deadline
    return LineReply(delivery, UUID(asked), aggregate_id, _heard(result, line))


def _heard(result: dict[str, Any], line: int) -> LineHeld | LineRefused:
    if result["outcome"] == Outcome.APPLIED and result["quantity"]:
        return LineHeld(line, result["quantity"])
    return LineRefused(line, result["reason"] or result["outcome"], result["message"])
