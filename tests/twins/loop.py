"""An outbox of a shop with one partition: what orders ask, and what they are answered, comes back into its queue."""

from collections.abc import Sequence

from schemas import encode_command
from schemas.partitions import order_reply_to
from tests.twins.faults import Faults
from tests.twins.orders import QUEUE, ROUTING_KEY
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin
from worker.lane.ports import DeadLetter, Delivery, LineCommandOut, Reply


class LoopTwin(OutboxTwin):
    """Puts copies of messages behind what waits in the queue, as the broker would."""

    def __init__(self, queue: QueueTwin, faults: Faults) -> None:
        super().__init__(faults)
        self._queue = queue
        self._own_faults = faults

    async def publish(self, dead_letters: Sequence[DeadLetter], replies: Sequence[Reply | LineCommandOut]) -> None:
        looped = [message for reply in replies if (message := _message(reply)) is not None]
        if looped:
            self._own_faults.reach("send")
            self._queue.messages.extend(looped)
        await super().publish(dead_letters, replies)


def _message(reply: Reply | LineCommandOut) -> Delivery | None:
    if isinstance(reply, LineCommandOut):
        return Delivery(encode_command(reply.command), 0, QUEUE, ROUTING_KEY, reply_to=reply.reply_to)
    if reply.routing_key.startswith(f"{order_reply_to(0)}."):
        return Delivery(reply.body, 0, QUEUE, reply.routing_key)
    return None
