"""What the broker refuses for a moment is not overtaken on its way to the partition."""

from collections.abc import Sequence

from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import BrokerRefused
from schemas.partitions import partition_queue
from tests.twins.observer import ObserverTwin
from tests.twins.queue import QueueTwin
from worker.broker.forwarder import Forwarder
from worker.lane.ports import Delivery

COMMANDS = [("A", b"A1"), ("B", b"B1"), ("A", b"A2"), ("A", b"A3")]


class RefusingSender(Sender):
    """Takes each message, but for the first that it is given of one body, as a queue between two leaders does."""

    def __init__(self, refused: bytes) -> None:
        super().__init__("amqp://twin", name="twin")
        self._refused: bytes | None = refused
        self.arrived: list[bytes] = []

    async def publish(self, messages: Sequence[OutgoingMessage], *, within_seconds: float | None = None) -> None:
        assert within_seconds is not None  # a confirm may never come: the queue may have been deleted at that moment
        assert {message.routing_key for message in messages} == {partition_queue(0)}
        taken = [message.body for message in messages if message.body != self._refused]
        self.arrived += taken
        if len(taken) < len(messages):
            self._refused = None
            raise BrokerRefused("the broker did not take one")


async def test_a_command_that_is_refused_at_first_arrives_before_the_next_about_its_sku() -> None:
    queue = QueueTwin(Delivery(body, 0, "orders.ingress", key, redelivered=False) for key, body in COMMANDS)
    sender, observer = RefusingSender(b"A1"), ObserverTwin()
    forwarder = Forwarder(
        queue.open(), sender, observer, partition_count=1, own_user="worker", on_unroutable=lambda: None
    )
    await forwarder.run()
    first_arrivals = list(dict.fromkeys(sender.arrived))
    assert [body for body in first_arrivals if body.startswith(b"A")] == [b"A1", b"A2", b"A3"]
    assert (observer.retries, len(queue.messages)) == (["forward"], 0)
