"""Looks after orders that are due or stand still, and after what is held for orders that are decided.

An order moves by the messages that its last step sent, and these are safe at
the broker before that step is acknowledged. So there is nothing to do here but
to end orders at their deadline, unless somebody emptied a queue or a lane gave a
message up.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from schemas.commands import Command
from schemas.partitions import partition_of
from worker.clocks.sent_lately import SentLately
from worker.event_store import LeftHold, OrderRecord
from worker.expiry.order_errands import Errand, errands_of, settling_errand

ORDER_TICK_SECONDS = 0.5
"""How often it looks: so late may an order end in a quiet shop."""

STALL_SECONDS = 15.0
"""When an order has not moved for so long, what it waits for is asked once more. A step takes milliseconds; longer
with a backlog, to which the copies must not add much."""

RESEND_SECONDS = 60.0
"""And again after so long."""

FOUND_LIMIT_ORDERS = 500
"""Taken at once; the others wait for the next tick."""

Send = Callable[[Sequence[tuple[Command, str | None]]], Awaitable[None]]
"""Sends commands, each to be answered to its word; returns once the broker has them safely."""


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

    def __init__(self, store: OrderStore, send: Send, now: Callable[[], datetime], partition_count: int) -> None:
        self.share: frozenset[int] = frozenset()
        """The partitions of this worker, kept current by whoever knows."""
        self._store = store
        self._send = send
        self._now = now
        self._partition_count = partition_count
        self._sent: SentLately[UUID] = SentLately(RESEND_SECONDS)

    async def tick(self) -> None:
        """Send once for everything that needs it now. Raises what finding and sending raise."""
        now = self._now()
        found = {errand[0].command_id: errand for errand in await self._find(now)}
        unsent = self._sent.unsent(found, now)
        if unsent:
            await self._send(unsent)
            self._sent.note((command.command_id for command, _ in unsent), now)

    async def _find(self, now: datetime) -> list[Errand]:
        share, stalled = sorted(self.share), now - timedelta(seconds=STALL_SECONDS)
        errands: list[Errand] = []
        for record in await self._store.waiting_orders(share, now, stalled, FOUND_LIMIT_ORDERS):
            errands += errands_of(record, self._partition(record.aggregate_id), now)
        for hold in await self._store.left_holds(share, stalled, FOUND_LIMIT_ORDERS):
            errand = settling_errand(hold, self._partition(hold.order.aggregate_id))
            errands += [] if errand is None else [errand]
        return errands

    def _partition(self, aggregate_id: str) -> int:
        return partition_of(aggregate_id, self._partition_count)
