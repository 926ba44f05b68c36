"""The sale of an order's last line, which decides the order: whether it is made, and how it is kept from being made.

The id of its command follows from the order. The lane of the line records its answer under that id, and where the order
is decided otherwise, the lane of the order does. Of the two, the second finds what the first has recorded.
"""

from collections.abc import Mapping
from uuid import UUID

import schemas
from schemas.results import parse_result
from schemas.texts import ORDER_PREFIX
from worker.domain.orders import Errand, Order, OrderStatus, Step
from worker.event_store import StoredAnswer
from worker.lane.answers import Answer, answer, repeated
from worker.lane.decoding import digest_of
from worker.lane.orders.errands import fields_of, line_command_id
from worker.lane.orders.results import forestalled_result
from worker.lane.recording import Recording


def sale_id(aggregate_id: str, order: Order) -> UUID:
    """Return the id of the command that sells the last line of the order."""
    return UUID(line_command_id(aggregate_id, len(order.lines), Step.SELL))


def last_line_is_sold(aggregate_id: str, order: Order, stored: Mapping[UUID, StoredAnswer]) -> bool:
    """Return whether the last line of an order that is pending is known to be sold."""
    if order.status is not OrderStatus.PENDING:
        return False
    known = stored.get(sale_id(aggregate_id, order))
    if known is None or known.answer is None or known.digest != _digest(aggregate_id, order):
        return False  # anybody can have drawn its id for something else: then there is no sale, and will be none
    return parse_result(known.answer).applied


def forestall_sale(aggregate_id: str, order: Order, recording: Recording) -> list[Answer]:
    """Return the answer that keeps the last line of an order, which is decided, from being sold, if need be.

    It is recorded once: whoever has it recorded again finds it, and sends it once more.
    """
    if order.awaited is not None or not order.is_sale_open:
        return []
    command_id, digest = sale_id(aggregate_id, order), _digest(aggregate_id, order)
    known = recording.stored.get(command_id)
    if known is not None:
        return [] if known.answer is None or known.digest != digest else [repeated(None, known.answer)]
    order_id = aggregate_id.removeprefix(ORDER_PREFIX)
    result = forestalled_result(order_id, order, command_id, recording.next_number(), recording.now)
    return [answer(None, result, recording.record(result, command_id, digest))]


def _digest(aggregate_id: str, order: Order) -> bytes:
    # Not validated: the name of its user may be one that is refused.
    sale = fields_of(aggregate_id, order, Errand(Step.SELL, len(order.lines)))
    return digest_of(schemas.SellLine.model_construct(**sale))
