"""Where answers and dead letters arrive."""

from collections.abc import Sequence

from tests.twins.faults import Faults
from worker.lane.ports import Bundle, DeadLetter, Reply


class OutboxTwin:
    """Keeps what was published, also when the publisher is told that it failed."""

    def __init__(self, faults: Faults | None = None) -> None:
        self._faults = faults or Faults()
        self.dead_letters: list[DeadLetter] = []
        self.replies: list[Reply] = []
        self.bundles: list[Bundle] = []
        """What lanes sent each other."""

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        self._faults.reach("publish")
        self.dead_letters.extend(dead_letters)
        self.replies.extend(message for message in messages if isinstance(message, Reply))
        self.bundles.extend(message for message in messages if isinstance(message, Bundle))
        self._faults.reach("published")
