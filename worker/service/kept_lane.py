"""One partition of this worker's share: its lane, kept going, and how it is."""

import asyncio
from datetime import datetime

from worker.lane.decoding import Request, decode
from worker.lane.ports import Assignment, Delivery
from worker.ownership import LaneReport
from worker.service.keeper import Keeper
from worker.service.lane_record import LaneRecord


class KeptLane:
    """Runs until it is let go."""

    def __init__(self, assignment: Assignment, keeper: Keeper, record: LaneRecord) -> None:
        self._assignment = assignment
        self._keeper = keeper
        self._record = record

    async def run(self) -> None:
        """Work until `stop` is called or the session is lost."""
        await self._keeper.run()

    def stop(self) -> None:
        """Let it finish what it has taken, then end."""
        self._keeper.stop()

    @property
    def ready(self) -> asyncio.Event:
        """Return what is set once its queue is consumed."""
        return self._keeper.ready

    def report(self, *, leaving: bool) -> LaneReport:
        """Return how it is; `leaving` is for its owner to say."""
        source, record = self._keeper.source, self._record
        oldest = record.oldest
        if oldest is None and source is not None and source.next is not None:
            oldest = self._issued_at(source.next)
        return LaneReport(
            partition=self._assignment.partition,
            since=record.since,
            leaving=leaving,
            epoch=record.epoch,
            held=0 if source is None else source.held,
            oldest_seconds=None if oldest is None else record.age_seconds(oldest),
            last_error=record.last_error,
        )

    def _issued_at(self, delivery: Delivery) -> datetime | None:
        decoded = decode(delivery, self._assignment.partition, self._assignment.partition_count)
        return decoded.command.issued_at if isinstance(decoded, Request) else None
