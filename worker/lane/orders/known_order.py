"""An order as a lane knows it."""

from typing import NamedTuple

from worker.domain.orders import Order
from worker.event_store import StoredAnswer


class KnownOrder(NamedTuple):
    """An order, and what there is of the command that placed it."""

    order: Order
    placing: StoredAnswer | None
    """None where somebody has taken its row away."""
    placed: str | None
    """What was ordered, as it is stored; None where that has to be written anew."""
