"""How the items of a batch end."""

from typing import NamedTuple

from worker.lane.answers import Answer
from worker.lane.decoding import Unprocessable
from worker.lane.orders.errands import LineCommandOut


class OrderEnding(NamedTuple):
    """What goes out for one request about a whole order, or for what an order has heard of its lines."""

    answers: list[Answer]
    asked: list[LineCommandOut]


Ending = Answer | OrderEnding | Unprocessable
"""What became of an item of a batch: what goes out for it once the batch is durable, or why it was not processed."""
