"""An outbox of a shop with one partition: what lanes send each other comes back into its queue."""

from collections.abc import Sequence

from tests.twins.faults import Faults
from tests.twins.orders import QUEUE, ROUTING_KEY
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin
from worker.lane.ports import Bundle, DeadLetter, Delivery, Reply


class LoopTwin(OutboxTwin):
    """Puts bundles behind what waits in the queue, as the broker would."""

    def __init__(self, queue: QueueTwin, faults: Faults) -> None:
        super().__init__(faults)
        self._queue = queue
        self._own_faults = faults

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        bundles = [message for message in messages if isinstance(message, Bundle)]
        if bundles:
            self._own_faults.reach("send")
            self._queue.messages.extend(map(delivered, bundles))
        await super().publish(dead_letters, messages)


def delivered(bundle: Bundle) -> Delivery:
    """Return `bundle` as a broker delivers it."""
    return Delivery(bundle.body, 0, QUEUE, ROUTING_KEY, bundle=bundle.kind)
