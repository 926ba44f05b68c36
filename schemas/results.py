"""The results: what the engine answers, once for every command.

encode_result(result)   Result -> bytes for the wire
parse_result(body)      bytes from the wire -> Result, or OrderResult where it is about a whole order
reply_routing_key(...)  where on the exchange `orders.replies` it goes
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from schemas.reasons import Reason
from schemas.texts import order_aggregate_id

NOBODY = "-"
"""Stands in a routing key for a word that is not known or was not given."""


class Outcome(StrEnum):
    """How a command ended."""

    APPLIED = "applied"
    """It took effect; `version` is the event that says so."""

    REJECTED = "rejected"
    """A rule refused it; nothing changed; the same command id is refused for ever."""

    DEAD_LETTERED = "dead_lettered"
    """It could not be processed, has no effect so far, and lies in `orders.dead-letters`."""


class Result(BaseModel):
    """The answer to one command.

    The levels (`on_hand`, `reserved`, `available`, in units) and `version` are
    those of the SKU at the location right after the decision, applied or not.

    `partition` and `sequence` number the recorded answers without a gap. An
    answer that is not recorded under the command id has neither, nor levels,
    nor `committed_at`: a conflict, since the id belongs to another command, and
    a dead letter, since nothing was decided. What is not known is null.

    `quantity` is in units. An applied `adjust` tells the difference that it
    made: below 0 where units were missing, 0 where the count was as expected;
    an applied `release`, `fulfil` or `expire`, how many units that was.
    `expires_at` is set where the reservation is held and has an end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command_id: UUID | None
    outcome: Outcome
    type: str | None
    sku: str | None
    location: str | None
    quantity: int | None
    reason: Reason | None
    message: str | None
    on_hand: int | None = None
    reserved: int | None = None
    available: int | None = None
    version: int | None = None
    partition: int | None = None
    sequence: int | None = None
    user: str | None = None
    committed_at: datetime | None = None
    to_location: str | None = None
    reservation_id: str | None = None
    expires_at: datetime | None = None

    @property
    def applied(self) -> bool:
        """Whether the command took effect."""
        return self.outcome is Outcome.APPLIED

    @property
    def aggregate_id(self) -> str | None:
        """What the command was about, as the routing key names it."""
        return self.sku


class LineResult(BaseModel):
    """What became of one line of an order: `quantity` units were asked for, `sold` were sold.

    `reason` and `message` are those with which its reservation was refused, in
    whole or, where part of it was sold, for the rest. Both are null on a line
    that could be had, or that was not tried any more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sku: str
    location: str
    quantity: int
    sold: int
    reason: Reason | None
    message: str | None


class OrderResult(Result):
    """The answer to a command about a whole order, once that is decided.

    `lines` are those of a `place_order`, summed by SKU and location, in the order
    of both; none with other commands. An order is applied when something was
    sold: everything, unless it allowed less. Else nothing was, and `reason` and
    `message` name the line that could not be had, or say that the order was
    cancelled or expired. `version` is that of the order, and `expires_at` its
    deadline. `sku` and `location`, `quantity` and levels are null.
    """

    order_id: str
    lines: tuple[LineResult, ...] = ()

    @property
    def aggregate_id(self) -> str:
        """What the command was about, as the routing key names it: `order:` and the order's id."""
        return order_aggregate_id(self.order_id)


# The left one first: the many answers about single SKUs pay nothing for the others.
RESULT_ADAPTER: TypeAdapter[Result] = TypeAdapter(Annotated[Result | OrderResult, Field(union_mode="left_to_right")])


def encode_result(result: Result) -> bytes:
    """Return `result` as it travels: compact JSON in UTF-8 with every field present."""
    return result.__pydantic_serializer__.to_json(result)


def parse_result(body: bytes | str) -> Result:
    """Return the result that `body` holds. Raises `pydantic.ValidationError`."""
    return RESULT_ADAPTER.validate_json(body)


def reply_routing_key(reply_to: str | None, outcome: str, command_type: str | None, aggregate_id: str | None) -> str:
    """Return `<reply_to or ->.<outcome>.<type or ->.<sku, order:<order id> or ->`."""
    return f"{reply_to or NOBODY}.{outcome}.{command_type or NOBODY}.{aggregate_id or NOBODY}"
