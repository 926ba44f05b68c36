"""Carries commands that were published under their SKU to the SKU's partition, in order.

The user that the broker verified travels on in a header; see `verified_user`.
"""

from collections.abc import Callable, Sequence

from publisher.backoff import Backoff
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import OrderError, Unroutable
from schemas.partitions import partition_of, partition_queue, partition_routing_key
from worker.broker.carried_headers import carried
from worker.broker.outbox import CONFIRM_LIMIT_SECONDS
from worker.broker.rounds import rounds
from worker.broker.verified_user import FORWARDED_HEADER
from worker.lane.ports import Delivery, Observer, Source, SourceClosed

BATCH_LIMIT_COMMANDS = 256
_STRAIGHT_TO_THE_QUEUE = ""
"""The default exchange: its routing keys are the names of queues."""

FORWARD_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)


class Forwarder:
    """Forwards the messages of the ingress queue for as long as its source lasts.

    Straight to the partition's queue: through the exchange, a message whose queue
    is missing would come back to the ingress, for ever.

    A message is acknowledged after the broker has confirmed its copy. A crash
    in between forwards it twice, in the same order; the lane knows the second.
    """

    def __init__(
        self,
        source: Source,
        sender: Sender,
        observer: Observer,
        *,
        partition_count: int,
        own_user: str,
        on_unroutable: Callable[[], None],
    ) -> None:
        """`on_unroutable` is told when a partition's queue is missing."""
        self._source = source
        self._sender = sender
        self._observer = observer
        self._partition_count = partition_count
        self._own_user = own_user
        self._on_unroutable = on_unroutable
        self._partition_keys = {partition_routing_key(partition): partition for partition in range(partition_count)}

    async def prepare(self) -> None:
        """Need nothing beforehand."""

    async def run(self) -> None:
        """Forward until the source closes."""
        try:
            while True:
                deliveries = await self._source.take(BATCH_LIMIT_COMMANDS)
                for together in rounds(deliveries):
                    await self._forward([self._message(delivery) for delivery in together])
                await self._source.acknowledge(deliveries[-1])
        except SourceClosed:
            return

    async def _forward(self, messages: Sequence[OutgoingMessage]) -> None:
        for delay_seconds in FORWARD_BACKOFF.delays_seconds():
            try:
                await self._sender.publish(messages, within_seconds=CONFIRM_LIMIT_SECONDS)
            except OrderError as error:
                if isinstance(error, Unroutable):
                    self._on_unroutable()
                self._observer.retried("forward", error)
                await self._source.pause(delay_seconds)
            else:
                return

    def _message(self, delivery: Delivery) -> OutgoingMessage:
        return OutgoingMessage(
            _STRAIGHT_TO_THE_QUEUE,
            partition_queue(self._partition(delivery.routing_key)),
            delivery.body,
            correlation_id=delivery.correlation_id,
            reply_to=delivery.reply_to,
            user_id=self._own_user,
            headers={**carried(delivery.headers), FORWARDED_HEADER: delivery.user_id or ""},
            content_type=delivery.content_type,
            mandatory=True,
        )

    def _partition(self, routing_key: str) -> int:
        # A partition's own key gets here while its queue is missing: it says where to go.
        partition = self._partition_keys.get(routing_key)
        return partition_of(routing_key, self._partition_count) if partition is None else partition
