"""`python -m tests.end_to_end.dying_worker POINT BATCH`: a worker that kills itself, exactly there.

committed  the BATCHth batch of answers is durable and not published
published  the BATCHth batch of answers is confirmed by the broker and not acknowledged
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from worker.lane.ports import Bundle, DeadLetter, Outbox, Reply
from worker.service.logs import configure_logs
from worker.service.service import Service
from worker.service.settings import Settings
from worker.service.wrapping import Wrapping


class DyingOutbox:
    """Publishes a number of times, and takes the process with it."""

    def __init__(self, outbox: Outbox, point: str, batch: int) -> None:
        self._outbox = outbox
        self._point = point
        self._fatal_batch = batch
        self._batches = 0

    async def publish(self, dead_letters: Sequence[DeadLetter], messages: Sequence[Reply | Bundle]) -> None:
        self._batches += 1
        is_fatal = self._batches == self._fatal_batch  # asked before waiting: lanes publish side by side
        if self._point == "published" or not is_fatal:
            await self._outbox.publish(dead_letters, messages)
        if is_fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def main(point: str, batch: int) -> None:
    configure_logs("info", as_json=True)
    settings = Settings.model_validate(
        {
            "amqp_url": os.environ["ORDERS_AMQP_URL"],
            "database_url": os.environ["ORDERS_DATABASE_URL"],
            "partition_count": int(os.environ["ORDERS_PARTITIONS"]),
        }
    )
    service = Service(settings, wrapping=Wrapping(outbox=lambda outbox: DyingOutbox(outbox, point, batch)))
    asyncio.run(service.run(asyncio.Event()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
