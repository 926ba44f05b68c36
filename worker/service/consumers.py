"""Makes what consumes the queues of a session: the lanes and the forwarder, each with its keeper."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from publisher.addressing import Addressing
from publisher.broker.sender import Sender
from schemas.names import INGRESS_QUEUE
from schemas.partitions import partition_queue
from worker.broker.forwarder import BATCH_LIMIT_COMMANDS as FORWARD_LIMIT_COMMANDS
from worker.broker.forwarder import Forwarder
from worker.broker.outbox import BrokerOutbox
from worker.broker.session import BrokerSession
from worker.broker.source import QueueSource
from worker.event_store import EventStoreError, PartitionStore
from worker.expiry.going_first import GoingFirst, SourceWithFirst
from worker.lane.lane import PREFETCH_COMMANDS, Lane
from worker.lane.ports import Assignment, Environment, Ports
from worker.ledger import LaneLedger
from worker.service.keeper import Keeper
from worker.service.kept_lane import KeptLane
from worker.service.lane_record import LaneRecord
from worker.service.metrics import LaneMetrics, Metrics
from worker.service.settings import Settings
from worker.service.wrapping import Wrapping


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
        addressing = Addressing(settings.partition_count)
        self._outbox = wrapping.outbox(
            BrokerOutbox(sender, addressing, settings.worker_name, environment.now, on_unroutable)
        )
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
        keeper = Keeper(session, partition_queue(partition), PREFETCH_COMMANDS, consumer, record.note_error)
        return KeptLane(assignment, keeper, record)

    def forwarder(self, session: BrokerSession) -> Keeper:
        """Return the keeper of the forwarder of the ingress queue."""
        record = LaneRecord(self._environment.now)
        observer = LaneMetrics(self._metrics, None, record)
        consumer = self._forwarder_of(observer)
        return Keeper(session, INGRESS_QUEUE, 2 * FORWARD_LIMIT_COMMANDS, consumer, record.note_error)

    def _lane_of(self, assignment: Assignment, record: LaneRecord) -> Callable[[QueueSource], _StoredLane]:
        settings = self._settings
        observer = LaneMetrics(self._metrics, assignment.partition, record)

        def lane(source: QueueSource) -> _StoredLane:
            store = PartitionStore(settings.database_url.get_secret_value())
            ports = Ports(
                source=SourceWithFirst(self._wrapping.source(source), self._going_first, assignment.partition),
                store=self._wrapping.store(store),
                ledger=LaneLedger(store.session),
                outbox=self._outbox,
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
