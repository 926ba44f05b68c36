"""Where answers and dead letters arrive."""

from collections.abc import Sequence

from tests.twins.faults import Faults
from worker.lane.ports import DeadLetter, LineCommandOut, Reply


class OutboxTwin:
    """Keeps what was published, also when the publisher is told that it failed."""

    def __init__(self, faults: Faults | None = None) -> None:
        self._faults = faults or Faults()
        self.dead_letters: list[DeadLetter] = []
        self.replies: list[Reply] = []
        self.asked: list[LineCommandOut] = []
        """What orders asked of their lines."""

    async def publish(self, dead_letters: Sequence[DeadLetter], replies: Sequence[Reply | LineCommandOut]) -> None:
        self._faults.reach("publish")
        self.dead_letters.extend(dead_letters)
        self.replies.extend(reply for reply in replies if isinstance(reply, Reply))
        self.asked.extend(asked for asked in replies if isinstance(asked, LineCommandOut))
        self._faults.reach("published")
