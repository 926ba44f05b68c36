"""Looks after orders that are due or stand still, and after what is held for orders that are decided.

An order moves by the messages that its last step sent, and these are safe at
the broker before that step is acknowledged. So there is nothing to do here but
to end orders at their deadline, unless somebody emptied a queue or a lane gave a
message up.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schemas.order_commands import ExpireOrder
from worker.clocks.sent_lately import SentLately
from worker.event_store import LeftHold, OrderRecord
from worker.expiry.order_errands import errands_of, settling_errand
from worker.lane.orders.errands import LineCommandOut

ORDER_TICK_SECONDS = 0.5
"""How often it looks: so late may an order end in a quiet shop."""

STALL_SECONDS = 15.0
"""When an order has not moved for so long, what it waits for is asked once more. A step takes milliseconds; longer
with a backlog, to which the copies must not add much."""

RESEND_SECONDS = 60.0
"""And again after so long."""

FOUND_LIMIT_ORDERS = 500
"""Taken at once; the others wait for the next tick."""

Send = Callable[[Sequence[ExpireOrder]], Awaitable[None]]
"""Returns once the broker has the commands safely."""

Ask = Callable[[Sequence[LineCommandOut]], Awaitable[None]]
"""Asks the lanes of the lines' SKUs, as the order's own lane does; returns once the broker has it safely."""


class OrderStore(Protocol):
    """Where orders are found; see `worker.event_store.PartitionStore`."""

    async def waiting_orders(
        self, own_partitions: Sequence[int], now: datetime, stalled: datetime, limit: int
    ) -> list[OrderRecord]:
        """Return what waits, and is due or stands still."""

    async def left_holds(self, own_partitions: Sequence[int], stalled: datetime, limit: int) -> list[LeftHold]:
        """Return what is held for orders that are decided."""


class OrderClock:
    """One per worker, for the partitions that are this worker's share."""

    def __init__(self, store: OrderStore, send: Send, ask: Ask, now: Callable[[], datetime]) -> None:
        self.share: frozenset[int] = frozenset()
        """The partitions of this worker, kept current by whoever knows."""
        self._store = store
        self._send = send
        self._ask = ask
        self._now = now
        self._sent: SentLately[ExpireOrder | LineCommandOut] = SentLately(RESEND_SECONDS)

    async def tick(self) -> None:
        """Send once for everything that needs it now. Raises what finding and sending raise."""
        now = self._now()
        found = await self._find(now)
        unsent = self._sent.unsent({each: each for each in found}, now)
        ends = [each for each in unsent if isinstance(each, ExpireOrder)]
        asked = [each for each in unsent if isinstance(each, LineCommandOut)]
        if ends:
            await self._send(ends)
        if asked:
            await self._ask(asked)
        self._sent.note(unsent, now)

    async def _find(self, now: datetime) -> list[ExpireOrder | LineCommandOut]:
        share, stalled = sorted(self.share), now - timedelta(seconds=STALL_SECONDS)
        found: list[ExpireOrder | LineCommandOut] = []
        for record in await self._store.waiting_orders(share, now, stalled, FOUND_LIMIT_ORDERS):
            found += errands_of(record, now)
        for hold in await self._store.left_holds(share, stalled, FOUND_LIMIT_ORDERS):
            settling = settling_errand(hold)
            found += [] if settling is None else [settling]
        return found
