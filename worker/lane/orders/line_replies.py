"""What an order hears of its lines: the answers that a leg brings home. Workers alone can tell it."""

from typing import NamedTuple
from uuid import UUID

from pydantic_core import from_json

from schemas.partitions import partition_of
from worker.domain.orders import LineAnswer, LinesAnswered
from worker.lane.ports import Delivery


class LineReply(NamedTuple):
    """The answers to what some lines were asked."""

    delivery: Delivery
    command_id: UUID
    """Of the first of these commands, which is what the order has asked for."""
    aggregate_id: str
    """Of the order."""
    heard: LinesAnswered


class PassedOver(NamedTuple):
    """A delivery that answers no order."""

    delivery: Delivery


def read_line_reply(delivery: Delivery, partition: int, partition_count: int) -> LineReply | PassedOver:
    """Return what `delivery` says about lines of an order of `partition`."""
    # A worker has written it: nothing is gained by validating it field by field.
    told = from_json(delivery.body)
    aggregate_id = told["order"]
    # An earlier version also told what anybody had asked for alone, with that question.
    if told.get("question") is not None or partition_of(aggregate_id, partition_count) != partition:
        return PassedOver(delivery)
    answers = tuple(LineAnswer(*answer) for answer in told["answers"])
    return LineReply(delivery, UUID(told["command_id"]), aggregate_id, LinesAnswered(told["line"], answers))
