"""What workers commit and publish, and what the database shows, step by step."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from publisher.errors import BrokerUnavailable, DatabaseUnavailable
from publisher.stock_view.look import Head, Look
from publisher.stock_view.sku_stock import Level, SkuStock
from schemas.partitions import partition_of
from schemas.reasons import Reason
from schemas.results import Outcome, Result
from tests.publisher.stock_view.clock_twin import ClockTwin

PARTITION_COUNT = 2
LOCATION = "main"
ANSWERS_PER_LOOK = 2
"""Of each partition that is late: so few that a schedule meets more."""

_MOMENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass(slots=True)
class PendingLook:
    """A query under way: it has seen the database once it has its snapshot, and its caller does not know yet."""

    skus: tuple[str, ...]
    shown: Mapping[int, int]
    ended: "asyncio.Future[Look]"
    snapshot: Look | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What a SKU held from a moment on."""

    committed_seconds: float
    on_hand: int


class ShopTwin:
    """All that is outside of a view: the truth, the feed and the database."""

    def __init__(self, clock: ClockTwin) -> None:
        self._clock = clock
        self.versions: defaultdict[str, list[Version]] = defaultdict(lambda: [Version(float("-inf"), 0)])
        """Of each SKU, in their order; the first is version 0."""
        self.unpublished: list[Result] = []
        self.published: list[Result] = []
        self.stored: defaultdict[int, list[Result]] = defaultdict(list)
        """By partition, in the order of their numbers."""
        self.unreadable: set[Result] = set()
        """Stored by a later release."""
        self.looks: list[PendingLook] = []
        self._heads = [Head(partition, 1, 0) for partition in range(PARTITION_COUNT)]
        self.feed = FeedTwin()

    def commit(self, sku: str, delta: int) -> Result:
        """Let a worker decide: a removal of more than there is is refused, and has a sequence number, too."""
        on_hand = self.versions[sku][-1].on_hand
        applied = on_hand + delta >= 0
        if applied:
            self.append(sku, delta)
        partition = partition_of(sku, PARTITION_COUNT)
        head = self._heads[partition]
        self._heads[partition] = head._replace(sequence=head.sequence + 1)
        answer = Result(
            command_id=UUID(int=len(self.unpublished) + len(self.published) + 1),
            outcome=Outcome.APPLIED if applied else Outcome.REJECTED,
            type="restock" if delta > 0 else "purchase",
            sku=sku,
            location=LOCATION,
            quantity=abs(delta),
            reason=None if applied else Reason.INSUFFICIENT_STOCK,
            message=None,
            on_hand=self.versions[sku][-1].on_hand,
            reserved=0,
            available=self.versions[sku][-1].on_hand,
            version=len(self.versions[sku]) - 1,
            partition=partition,
            sequence=head.sequence + 1,
            committed_at=_MOMENT,
        )
        self.unpublished.append(answer)
        self.stored[partition].append(answer)
        return answer

    def append(self, sku: str, delta: int) -> None:
        """Let a program append without a worker: nothing is answered, and no partition moves."""
        on_hand = self.versions[sku][-1].on_hand + delta
        self.versions[sku].append(Version(self._clock.now_seconds(), on_hand))

    def claim(self, partition: int) -> None:
        """Let a partition have a new owner, or be corrected."""
        head = self._heads[partition]
        self._heads[partition] = head._replace(epoch=head.epoch + 1)

    def publish(self, place: int = 0) -> None:
        """Let the answer at that place of the unpublished ones reach the feed."""
        answer = self.unpublished.pop(place)
        self.published.append(answer)
        self.feed.put(answer)

    def current(self, skus: Collection[str], shown: Mapping[int, int]) -> Look:
        """Return what the database shows now."""
        stocks = {}
        for sku in skus:
            versions = self.versions[sku]
            levels = {LOCATION: Level(versions[-1].on_hand, 0)} if len(versions) > 1 else {}
            stocks[sku] = SkuStock(len(versions) - 1, levels)
        answers = [
            answer
            for partition, sequence in shown.items()
            for answer in self.stored[partition][sequence : sequence + ANSWERS_PER_LOOK]
            if answer not in self.unreadable
        ]
        return Look(list(self._heads), stocks, answers)

    # The database, as a view sees it.

    async def look(self, skus: Collection[str], shown: Mapping[int, int]) -> Look:
        pending = PendingLook(tuple(skus), dict(shown), asyncio.get_running_loop().create_future())
        self.looks.append(pending)
        try:
            return await pending.ended
        finally:
            self.looks.remove(pending)

    async def close(self) -> None:
        pass

    def snapshot(self) -> None:
        """Let the oldest query that has not seen the database see it."""
        for pending in self.looks:
            if pending.snapshot is None:
                pending.snapshot = self.current(pending.skus, pending.shown)
                return

    def answer(self) -> None:
        """Let the oldest query that has seen the database return."""
        for pending in self.looks:
            if pending.snapshot is not None and not pending.ended.done():
                pending.ended.set_result(pending.snapshot)
                return

    def fail(self) -> None:
        """Let the oldest query fail."""
        for pending in self.looks:
            if not pending.ended.done():
                pending.ended.set_exception(DatabaseUnavailable("database: away, as the test wants it"))
                return


@dataclass(slots=True)
class FeedTwin:
    """Answers on their way to a view."""

    arriving: "asyncio.Queue[Result | BrokerUnavailable]" = field(default_factory=asyncio.Queue)

    def put(self, answer: Result | BrokerUnavailable) -> None:
        self.arriving.put_nowait(answer)

    async def open(self) -> None:
        pass

    async def __anext__(self) -> Result:
        arrived = await self.arriving.get()
        if isinstance(arrived, BrokerUnavailable):
            raise arrived
        return arrived

    async def close(self) -> None:
        pass
