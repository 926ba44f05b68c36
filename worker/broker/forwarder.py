"""Carries commands that were published under their SKU to the SKU's partition, in order.

The user that the broker verified travels on in a header; see `verified_user`.
"""

from collections.abc import Sequence

from publisher.backoff import Backoff
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import OrderError
from schemas.names import COMMANDS_EXCHANGE
from schemas.partitions import partition_of, partition_routing_key
from worker.broker.carried_headers import carried
from worker.broker.verified_user import FORWARDED_HEADER
from worker.lane.ports import Delivery, Observer, Source, SourceClosed

BATCH_LIMIT_COMMANDS = 256
FORWARD_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=5.0)


class Forwarder:
    """Forwards the messages of the ingress queue for as long as its source lasts.

    A message is acknowledged after the broker has confirmed its copy. A crash
    in between forwards it twice, in the same order; the lane knows the second.
    """

    def __init__(
        self, source: Source, sender: Sender, observer: Observer, *, partition_count: int, own_user: str
    ) -> None:
        self._source = source
        self._sender = sender
        self._observer = observer
        self._partition_count = partition_count
        self._own_user = own_user

    async def run(self) -> None:
        """Forward until the source closes."""
        try:
            while True:
                deliveries = await self._source.take(BATCH_LIMIT_COMMANDS)
                await self._forward([self._message(delivery) for delivery in deliveries])
                await self._source.acknowledge(deliveries[-1])
        except SourceClosed:
            return

    async def _forward(self, messages: Sequence[OutgoingMessage]) -> None:
        for delay_seconds in FORWARD_BACKOFF.delays_seconds():
            try:
                await self._sender.publish(messages)
            except OrderError as error:
                self._observer.retried("forward", error)
                await self._source.pause(delay_seconds)
            else:
                return

    def _message(self, delivery: Delivery) -> OutgoingMessage:
        sku = delivery.routing_key
        return OutgoingMessage(
            COMMANDS_EXCHANGE,
            partition_routing_key(partition_of(sku, self._partition_count)),
            delivery.body,
            correlation_id=delivery.correlation_id,
            reply_to=delivery.reply_to,
            user_id=self._own_user,
            headers={**carried(delivery.headers), FORWARDED_HEADER: delivery.user_id or ""},
            content_type=delivery.content_type,
            mandatory=True,
        )
