"""A broker's queue with a single active consumer, and the sources that consume it."""

import asyncio
from collections import deque
from collections.abc import Iterable

from tests.twins.faults import Faults
from worker.lane.bundles import message_count
from worker.lane.ports import Delivery, SourceClosed


class QueueTwin:
    """Messages in their order. What a source leaves unacknowledged goes back to the head, in order."""

    def __init__(self, messages: Iterable[Delivery] = ()) -> None:
        self.messages = deque(messages)

    def open(self, faults: Faults | None = None) -> "SourceTwin":
        """Return a source that takes from this queue."""
        return SourceTwin(self, faults or Faults())


class SourceTwin:
    """A source that closes by itself, as one that is asked to stop, when nothing is left to take."""

    def __init__(self, queue: QueueTwin, faults: Faults) -> None:
        self._queue = queue
        self._faults = faults
        self._unacknowledged: dict[int, Delivery] = {}
        self._newest_tag = 0
        self._closed = False

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        self._reach("take")
        if wait and not self._queue.messages:
            self.close()
        self._require_open()
        taken: list[Delivery] = []
        while self._queue.messages and sum(map(message_count, taken)) < limit:
            taken.append(self._deliver(self._queue.messages.popleft()))
        self._reach("taken")
        await asyncio.sleep(0)  # other lanes have their turn
        return taken

    async def acknowledge(self, delivery: Delivery) -> None:
        self._reach("acknowledge")
        self._require_open()
        assert delivery.tag in self._unacknowledged, (
            "the broker closes the channel; and 0, to it, means all that it has delivered"
        )
        for tag in [tag for tag in self._unacknowledged if tag <= delivery.tag]:
            del self._unacknowledged[tag]
        self._reach("acknowledged")

    async def pause(self, delay_seconds: float) -> None:
        assert delay_seconds > 0
        self._reach("pause")
        self._require_open()
        await asyncio.sleep(0)  # no time passes, others go on

    def close(self) -> None:
        """Lose the channel: the broker takes back what is not acknowledged."""
        self._closed = True
        returned = [delivery._replace(redelivered=True) for delivery in self._unacknowledged.values()]
        self._queue.messages.extendleft(reversed(returned))
        self._unacknowledged.clear()

    def _deliver(self, message: Delivery) -> Delivery:
        self._newest_tag += 1
        delivery = message._replace(tag=self._newest_tag)
        self._unacknowledged[delivery.tag] = delivery
        return delivery

    def _reach(self, point: str) -> None:
        self._faults.reach(point)

    def _require_open(self) -> None:
        if self._closed:
            raise SourceClosed("the twin of a queue")
