"""What an order hears of its lines: the answers that a leg brings home.

Workers alone can tell it, but anybody can ask for a reservation in the name of
an order. So an answer counts only if it answers a question that this order has
asked, in every word, and everything else is passed over.
"""

from typing import NamedTuple
from uuid import UUID

from pydantic_core import from_json

from schemas.partitions import partition_of
from worker.domain.orders import LineAnswer, LinesAnswered, Step
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import Delivery


class LineReply(NamedTuple):
    """The answers to the reservations of some lines."""

    delivery: Delivery
    command_id: UUID
    """Of the first of these reservations, which is what the order has asked for."""
    aggregate_id: str
    """Of the order."""
    heard: LinesAnswered
    question: str | None
    """What was answered, as `schemas.commands.identity` writes it; None where it came in a bundle, from a worker."""


class PassedOver(NamedTuple):
    """A delivery that answers no order."""

    delivery: Delivery


def read_line_reply(delivery: Delivery, partition: int, partition_count: int) -> LineReply | PassedOver:
    """Return what `delivery` says about lines of an order of `partition`."""
    # A worker has written it: nothing is gained by validating it field by field.
    told = from_json(delivery.body)
    aggregate_id, line = told["order"], told["line"]
    asked = line_command_id(aggregate_id, line, Step.RESERVE)
    if told["command_id"] != asked or partition_of(aggregate_id, partition_count) != partition:
        return PassedOver(delivery)
    answers = tuple(LineAnswer(*answer) for answer in told["answers"])
    return LineReply(delivery, UUID(asked), aggregate_id, LinesAnswered(line, answers), told["question"])
