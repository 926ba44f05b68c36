"""Ports that spring traps."""

import asyncio
from collections.abc import Sequence

import structlog

from schemas.commands import Expire
from tests.faults.subject.passing import PassingOutbox, PassingSource, PassingStore
from tests.faults.subject.points import Point, Traps
from worker.event_store import Batch, CommitOutcome, Committed, Term
from worker.expiry.clock import Send
from worker.lane.ports import Bundle, DeadLetter, Delivery, Outbox, Reply, Source, SourceClosed, Store

ON_ITS_WAY_SECONDS = 0.002
"""By then a statement has been sent; it takes about as long."""

COMMITTED_POINTS: dict[str, Point] = {
    "ReservationExpired": Point.EXPIRY_COMMITTED,
    "OrderPlaced": Point.ORDER_PLACED,
    "OrderSold": Point.ORDER_DECIDED,
    "OrderRefused": Point.ORDER_DECIDED,
    "OrderCancelled": Point.ORDER_DECIDED,
    "OrderExpired": Point.ORDER_DECIDED,
}
"""Reached with a commit that holds such an event."""
LINE_POINTS: dict[str, Point] = {
    "StockReserved": Point.LINE_HELD,
    "ReservationFulfilled": Point.LINE_SETTLED,
    "ReservationReleased": Point.LINE_SETTLED,
}
"""The same, where the reservation is an order's."""
ORDERS_RESERVATION = '"order:'
APPLIED_SALE = '"outcome":"applied","type":"sell_line"'
"""Stands in the answer to the sale of an order's last line: its event is that of any sale."""


class TrappedSource(PassingSource):
    """Springs when a lane ends; counts what comes again."""

    def __init__(self, source: Source, traps: Traps) -> None:
        super().__init__(source)
        self._traps = traps
        self._log = structlog.get_logger()

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        try:
            deliveries = await super().take(limit, wait=wait)
        except SourceClosed:
            self._traps.reach(Point.HANDOVER)
            raise
        again = sum(delivery.redelivered for delivery in deliveries)
        if again:
            self._log.info("lane.redelivered", count=again)
        return deliveries


class TrappedStore(PassingStore):
    """Springs around a commit."""

    def __init__(self, store: Store, traps: Traps) -> None:
        super().__init__(store)
        self._traps = traps
        self._is_new = False

    async def claim(self, partition: int, owner: str) -> Term:
        self._is_new = True
        return await super().claim(partition, owner)

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        if self._is_new:
            self._is_new = False
            self._traps.reach(Point.CLAIMED)
        self._traps.reach(Point.BEFORE_STATEMENT)
        outcome = await self._statement(term, batch)
        self._traps.reach(Point.COMMITTED)
        if isinstance(outcome, Committed):
            for point in committed_points(batch):
                self._traps.reach(point)
        return outcome

    async def _statement(self, term: Term, batch: Batch) -> CommitOutcome:
        if not self._traps.is_laid(Point.INSIDE_STATEMENT):
            return await super().commit(term, batch)
        under_way = asyncio.create_task(super().commit(term, batch))
        await asyncio.wait({under_way}, timeout=ON_ITS_WAY_SECONDS)
        self._traps.reach(Point.INSIDE_STATEMENT)
        return await under_way


class TrappedOutbox(PassingOutbox):
    """Springs when answers are out."""

    def __init__(self, outbox: Outbox, traps: Traps) -> None:
        super().__init__(outbox)
        self._traps = traps

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        await super().publish(dead_letters, messages)
        self._traps.reach(Point.PUBLISHED)
        if not all(isinstance(message, Reply) for message in messages):
            self._traps.reach(Point.ORDER_ASKED)


def committed_points(batch: Batch) -> set[Point]:
    """Return the points that are reached once `batch` is durable."""
    points = {COMMITTED_POINTS.get(event.event_type) for event in batch.events}
    points |= {LINE_POINTS.get(event.event_type) for event in batch.events if ORDERS_RESERVATION in event.data}
    points |= {Point.LINE_SOLD for command in batch.commands if APPLIED_SALE in command.answer}
    return {point for point in points if point is not None}


def trapped_expiry(send: Send, traps: Traps) -> Send:
    """Spring around sending what ends reservations."""

    async def send_trapped(commands: Sequence[Expire]) -> None:
        traps.reach(Point.EXPIRY_FOUND)
        await send(commands)
        traps.reach(Point.EXPIRY_SENT)

    return send_trapped
