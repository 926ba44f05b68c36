"""What is due goes before a backlog.

An `expire` waits its turn in the queue, behind all that came before it. Where
that takes long, the lane takes it before its turn. Its copy in the queue stays:
it is answered with the same bytes, and it is there if the lane dies meanwhile.
"""

from collections.abc import Sequence
from itertools import islice
from uuid import UUID

from schemas.commands import Expire, encode_command
from schemas.names import JSON_CONTENT_TYPE
from schemas.partitions import partition_of, partition_queue, partition_routing_key
from worker.lane.ports import Delivery, Source

FIRST_LIMIT_COMMANDS = 64
"""How many go first in one batch: the backlog must move, too."""

_NO_TAG = 0
"""It was not delivered, so it is not acknowledged; the broker's tags begin at 1."""


class GoingFirst:
    """What may go first, by partition: put there by the clock, taken by the lanes of this process."""

    def __init__(self, partition_count: int) -> None:
        self._partition_count = partition_count
        self._waiting: dict[int, dict[UUID, Expire]] = {}
        self._taken: set[UUID] = set()

    def offer(self, commands: Sequence[Expire]) -> None:
        """Let `commands`, which lie in their queues, go first; they replace what was offered before.

        What was taken once is not given again as long as it is offered.
        """
        self._taken &= {command.command_id for command in commands}
        self._waiting = {}
        for command in commands:
            if command.command_id not in self._taken:
                home = partition_of(command.sku, self._partition_count)
                self._waiting.setdefault(home, {})[command.command_id] = command

    def count(self, partition: int) -> int:
        """Return how many `take` would give."""
        return min(len(self._waiting.get(partition, ())), FIRST_LIMIT_COMMANDS)

    def take(self, partition: int, limit: int) -> list[Expire]:
        """Return at most `limit` that may go first, and forget them."""
        waiting = self._waiting.get(partition, {})
        taken = [waiting.pop(name) for name in list(islice(waiting, limit))]
        self._taken.update(command.command_id for command in taken)
        return taken


class SourceWithFirst:
    """A source whose batches begin with what goes first."""

    def __init__(self, source: Source, going_first: GoingFirst, partition: int) -> None:
        self._source = source
        self._going_first = going_first
        self._partition = partition

    async def take(self, limit: int, *, wait: bool = True) -> list[Delivery]:
        """Wait for a delivery, as the source does; return what goes first before it."""
        first = self._going_first.count(self._partition)
        deliveries = await self._source.take(limit - first, wait=wait)
        if not deliveries:
            return []
        commands = self._going_first.take(self._partition, first)
        return [*(self._delivery(command) for command in commands), *deliveries]

    async def acknowledge(self, delivery: Delivery) -> None:
        """Acknowledge as the source does.

        What went first was not delivered; its tag, to the broker, means all that was.
        """
        if delivery.tag != _NO_TAG:
            await self._source.acknowledge(delivery)

    async def pause(self, delay_seconds: float) -> None:
        """Wait as the source does."""
        await self._source.pause(delay_seconds)

    def _delivery(self, command: Expire) -> Delivery:
        return Delivery(
            encode_command(command),
            _NO_TAG,
            partition_queue(self._partition),
            partition_routing_key(self._partition),
            correlation_id=str(command.command_id),
            content_type=JSON_CONTENT_TYPE,
        )
