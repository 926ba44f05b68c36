"""The rules of whole orders: a saga over the reservations of its lines, as pure functions over frozen values.

order      Order: its lines, what they got so far, and how it was decided
events     what can happen to an order
decisions  place, cancel, expire, hear(order, answers of lines): the events that follow, or the refusal
evolution  evolve(order, event) -> the order after it
errands    what an order asks of the lanes of its SKUs, at this state

The lines are reserved one after the other, in the order of SKU and location, and
the last one is sold at once, which decides the order.
So two orders over the same SKUs meet at the first SKU that they share, and one
of them gets it; and since a refusal is an answer like any other, nobody waits
for anybody else's hold.
"""

from worker.domain.orders.decisions import cancel, completed, expire, hear, place, place_again
from worker.domain.orders.errands import Errand, Step, errands, settling, unwanted
from worker.domain.orders.events import (
    LinesAnswered,
    OrderCancelled,
    OrderEvent,
    OrderExpired,
    OrderPlaced,
    OrderRefused,
    OrderSold,
    ReplyWanted,
)
from worker.domain.orders.evolution import evolve
from worker.domain.orders.order import Line, LineAnswer, Order, OrderStatus

__all__ = [
    "Errand",
    "Line",
    "LineAnswer",
    "LinesAnswered",
    "Order",
    "OrderCancelled",
    "OrderEvent",
    "OrderExpired",
    "OrderPlaced",
    "OrderRefused",
    "OrderSold",
    "OrderStatus",
    "ReplyWanted",
    "Step",
    "cancel",
    "completed",
    "errands",
    "evolve",
    "expire",
    "hear",
    "place",
    "place_again",
    "settling",
    "unwanted",
]
