"""The stock view: what an application asks for stock levels.

async with StockView("amqp://localhost", "postgresql://localhost/orders") as view:
    reading = await view.get("85123A")
"""

from publisher.broker.connection import require_broker_url
from publisher.broker.consumer import Subscription
from publisher.database.stock_reader import StockReader
from publisher.errors import InvalidInput
from publisher.result_feed import ResultFeed
from publisher.stock_view.coherent_stock import CoherentStock
from publisher.stock_view.ports import SteadyClock
from schemas.names import REPLIES_EXCHANGE

DEFAULT_CAPACITY_LEVELS = 100_000
"""Levels kept, one per SKU and location: about 1 KB each."""

DEFAULT_LIFETIME_SECONDS = 300.0
"""Only what no answer tells of has to wait for it: events that programs append without a worker."""

FEED_HEARTBEAT_SECONDS = 5
"""A broker that is silent is given up after about twice this; until then the looks stand in."""


class StockView(CoherentStock):
    """Stock levels in memory, each true at some instant of the last 0.1 s.

    A purchase is decided by the owner alone; the view only informs. What it shows
    may be sold by the time a command arrives: that costs a refusal, never an oversell.

    One view serves all tasks of one event loop. For each of them, versions of a
    SKU never go back, and every level is that of its version exactly. How the view
    knows that it is fresh stands in the docstring of `publisher.stock_view`.

    Within 0.1 s it shows what workers commit. What a program appends through the
    event store alone, without a worker, moves no partition's sequence: it shows with
    the SKU's next command, or after `lifetime_seconds`.
    """

    def __init__(
        self,
        amqp_url: str,
        database_url: str,
        *,
        name: str = "stock-view",
        capacity_levels: int = DEFAULT_CAPACITY_LEVELS,
        lifetime_seconds: float = DEFAULT_LIFETIME_SECONDS,
    ) -> None:
        """Open nothing yet. Raises `InvalidInput` for a wrong URL, capacity or lifetime.

        amqp_url          the broker whose exchange `orders.replies` tells what workers commit
        database_url      the primary; a standby lags behind, and is refused
        name              shown by the broker
        capacity_levels   levels kept, one per SKU and location; those not used for longest go first
        lifetime_seconds  after so long an entry is read again, whatever the feed says
        """
        require_broker_url(amqp_url)
        if capacity_levels < 1:
            raise InvalidInput(f"capacity_levels: must be at least 1 (got {capacity_levels})")
        if not lifetime_seconds > 0:
            raise InvalidInput(f"lifetime_seconds: must be above 0 (got {lifetime_seconds})")
        super().__init__(
            ResultFeed(
                amqp_url,
                Subscription(REPLIES_EXCHANGE, "#"),
                name=f"{name} results",
                heartbeat_seconds=FEED_HEARTBEAT_SECONDS,
            ),
            StockReader(database_url),
            SteadyClock(),
            capacity_levels=capacity_levels,
            lifetime_seconds=lifetime_seconds,
        )
