"""One partition of a shop in memory: its queue, its tables, and the lanes that work on them."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.twins.database import DatabaseTwin, PartitionRow
from tests.twins.environment import EnvironmentTwin
from tests.twins.faults import Faults
from tests.twins.ledger import LedgerRows, LedgerTwin
from tests.twins.loop import LoopTwin
from tests.twins.observer import ObserverTwin
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin, SourceTwin
from tests.twins.store import StoreTwin
from worker.lane.lane import DEFAULT_HOLD_REASONS, Lane
from worker.lane.ports import Assignment, Delivery, Ports, Source, Store
from worker.ledger import PARKED_PER_AGGREGATE_LIMIT


class Shop:
    """What stays while lanes come and go."""

    def __init__(self, messages: Iterable[Delivery] = ()) -> None:
        self.faults = Faults()
        self.queue = QueueTwin()
        self.arrived: list[Delivery] = []
        """Every message in the order in which it was sent."""
        self.send(messages)
        self.database = DatabaseTwin(partitions={0: PartitionRow()})
        self.ledger = LedgerRows()
        self.hold_reasons = DEFAULT_HOLD_REASONS
        self.parked_per_aggregate_limit = PARKED_PER_AGGREGATE_LIMIT
        self.convicts = False
        """Whether a message that many lanes died of is set aside. In random misfortune, innocent ones would be."""
        self.outbox: OutboxTwin = LoopTwin(self.queue, self.faults)
        self.observer = ObserverTwin()
        self.source: SourceTwin | None = None
        """The newest."""
        self.environment = EnvironmentTwin()
        self.through: Callable[[Source], Source] = lambda source: source
        """What a lane sees of its source."""

    def send(self, messages: Iterable[Delivery]) -> None:
        """Put `messages` into the queue, behind all others."""
        sent = list(messages)
        self.arrived.extend(sent)
        self.queue.messages.extend(sent)

    async def run_lane(self, owner: str = "lane", store: Store | None = None) -> None:
        """Run a lane until its source closes, with a connection of its own or on the given `store`."""
        self.source = self.queue.open(self.faults)
        lane = Lane(
            Assignment(0, 1, owner),
            Ports(
                source=self.through(self.source),
                store=store or StoreTwin(self.database, self.faults),
                outbox=self.outbox,
                environment=self.environment,
                observer=self.observer,
                ledger=LedgerTwin(
                    self.database,
                    self.ledger,
                    self.faults,
                    convicts=self.convicts,
                    parked_per_aggregate_limit=self.parked_per_aggregate_limit,
                ),
            ),
            self.hold_reasons,
        )
        try:
            await lane.run()
        finally:
            self.source.close()

    def _open_ledger(self) -> LedgerTwin:
        return LedgerTwin(
            self.database,
            self.ledger,
            self.faults,
            convicts=self.convicts,
            parked_per_aggregate_limit=self.parked_per_aggregate_limit,
        )

    async def run_to_the_end(self) -> None:
        """Run one lane after the other until nothing is left in the queue."""
        while self.queue.messages:
            await self.run_lane()

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Return what was answered, in order."""
        return [json.loads(reply.body) for reply in self.outbox.replies]

    def on_hand(self, sku: str = "A", location: str = "main") -> int:
        """Return what the stock row says; nothing where there is none."""
        row = self.database.levels.get((sku, location))
        return 0 if row is None else row.on_hand
