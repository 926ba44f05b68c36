"""Makes what consumes the queues of a session: lanes, the forwarder and the collector, each with its keeper."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from publisher.broker.sender import Sender
from schemas.names import DEAD_LETTERS_QUEUE, INGRESS_QUEUE
from schemas.partitions import partition_queue
from worker.broker.forwarder import BATCH_LIMIT_COMMANDS as FORWARD_LIMIT_COMMANDS
from worker.broker.forwarder import Forwarder
from worker.broker.outbox import BrokerOutbox
from worker.broker.session import BrokerSession
from worker.broker.source import QueueSource
from worker.collecting.collector import BATCH_LIMIT_LETTERS, Collector
from worker.collecting.letter_box import LetterBox
from worker.event_store import EventStoreError, LaneSession, PartitionStore
from worker.expiry.going_first import GoingFirst, SourceWithFirst
from worker.lane.lane import PREFETCH_MESSAGES, Lane
from worker.lane.ports import Assignment, Environment, Ports
from worker.ledger import LaneLedger
from worker.service.keeper import Keeper
from worker.service.kept_lane import KeptLane
from worker.service.lane_record import LaneRecord
from worker.service.metrics import LaneMetrics, Metrics
from worker.service.settings import Settings
from worker.service.wrapping import Wrapping

_NOBODYS_PARTITION = 0
"""Whose lane decides about dead letters that belong to none: every shop has this one."""


@dataclass(frozen=True, slots=True)
class _StoredLane:
    """A lane with the connection to the database that goes when it goes."""

    lane: Lane
    store: PartitionStore

    async def prepare(self) -> None:
        """Connect: a lane that waits to take a partition over must not do so when the commands wait."""
        with suppress(EventStoreError):
            await self.store.load([])

    async def run(self) -> None:
        try:
            await self.lane.run()
        finally:
            await self.store.close()


@dataclass(frozen=True, slots=True)
class _StoredCollector:
    """The collector with its connection to the database."""

    collector: Collector
    session: LaneSession

    async def prepare(self) -> None:
        """Need nothing beforehand."""

    async def run(self) -> None:
        try:
            await self.collector.run()
        finally:
            await self.session.close()


class Consumers:
    """The keepers of one worker process."""

    def __init__(
        self,
        settings: Settings,
        sender: Sender,
        metrics: Metrics,
        environment: Environment,
        going_first: GoingFirst,
        on_unroutable: Callable[[], None],
        wrapping: Wrapping,
    ) -> None:
        """`on_unroutable` is told when something of the topology is missing."""
        self._settings = settings
        self._sender = sender
        self.outbox = wrapping.outbox(
            BrokerOutbox(sender, settings.worker_name, settings.broker_user, environment.now, on_unroutable)
        )
        """Where lanes publish."""
        self._metrics = metrics
        self._environment = environment
        self._going_first = going_first
        self._on_unroutable = on_unroutable
        self._wrapping = wrapping

    def lane(self, session: BrokerSession, partition: int) -> KeptLane:
        """Return the lane of `partition`, to be kept going."""
        assignment = Assignment(partition, self._settings.partition_count, self._settings.worker_name)
        record = LaneRecord(self._environment.now)
        consumer = self._lane_of(assignment, record)
        keeper = Keeper(session, partition_queue(partition), PREFETCH_MESSAGES, consumer, record.note_error)
        return KeptLane(assignment, keeper, record)

    def forwarder(self, session: BrokerSession) -> Keeper:
        """Return the keeper of the forwarder of the ingress queue."""
        record = LaneRecord(self._environment.now)
        observer = LaneMetrics(self._metrics, None, record)
        consumer = self._forwarder_of(observer)
        return Keeper(session, INGRESS_QUEUE, 2 * FORWARD_LIMIT_COMMANDS, consumer, record.note_error)

    def collector(self, session: BrokerSession) -> Keeper:
        """Return the keeper of the collector of the dead letters."""
        record = LaneRecord(self._environment.now)
        observer = LaneMetrics(self._metrics, None, record)
        consumer = self._collector_of(observer)
        return Keeper(session, DEAD_LETTERS_QUEUE, 2 * BATCH_LIMIT_LETTERS, consumer, record.note_error)

    def _lane_of(self, assignment: Assignment, record: LaneRecord) -> Callable[[QueueSource], _StoredLane]:
        settings = self._settings
        observer = LaneMetrics(self._metrics, assignment.partition, record)

        def lane(source: QueueSource) -> _StoredLane:
            store = PartitionStore(settings.database_url.get_secret_value())
            ports = Ports(
                source=SourceWithFirst(self._wrapping.source(source), self._going_first, assignment.partition),
                store=self._wrapping.store(store),
                ledger=self._wrapping.ledger(LaneLedger(store.session)),
                outbox=self.outbox,
                environment=self._environment,
                observer=observer,
            )
            return _StoredLane(Lane(assignment, ports, settings.hold_reasons), store)

        return lane

    def _forwarder_of(self, observer: LaneMetrics) -> Callable[[QueueSource], Forwarder]:
        settings = self._settings

        def forwarder(source: QueueSource) -> Forwarder:
            return Forwarder(
                source,
                self._sender,
                observer,
                partition_count=settings.partition_count,
                own_user=settings.broker_user,
                on_unroutable=self._on_unroutable,
            )

        return forwarder

    def _collector_of(self, observer: LaneMetrics) -> Callable[[QueueSource], _StoredCollector]:
        settings = self._settings
        nobodys = Assignment(_NOBODYS_PARTITION, settings.partition_count, settings.worker_name)

        def collector(source: QueueSource) -> _StoredCollector:
            session = LaneSession(settings.database_url.get_secret_value())
            collector = Collector(
                nobodys,
                source=source,
                box=LetterBox(session),
                outbox=self.outbox,
                environment=self._environment,
                observer=observer,
                own_user=settings.broker_user,
            )
            return _StoredCollector(collector, session)

        return collector
