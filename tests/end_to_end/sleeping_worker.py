"""`python -m tests.end_to_end.sleeping_worker`: a worker that stops in its tracks just before its first commit."""

import asyncio
import os
import signal

from worker.event_store import Batch, CommitOutcome, PartitionStore, Term
from worker.service import consumers
from worker.service.logs import configure_logs
from worker.service.service import Service
from worker.service.settings import Settings


class SleepingStore(PartitionStore):
    """Sends its first statement only once somebody has woken the process."""

    has_slept = False

    async def commit(self, term: Term, batch: Batch) -> CommitOutcome:
        if not SleepingStore.has_slept:
            SleepingStore.has_slept = True
            os.kill(os.getpid(), signal.SIGSTOP)
        return await super().commit(term, batch)


def main() -> None:
    consumers.PartitionStore = SleepingStore  # type: ignore[attr-defined]
    configure_logs("info", as_json=True)
    settings = Settings.model_validate(
        {
            "amqp_url": os.environ["ORDERS_AMQP_URL"],
            "database_url": os.environ["ORDERS_DATABASE_URL"],
            "partition_count": int(os.environ["ORDERS_PARTITIONS"]),
            "heartbeat_seconds": int(os.environ.get("ORDERS_HEARTBEAT_SECONDS", "10")),
        }
    )
    asyncio.run(Service(settings).run(asyncio.Event()))


if __name__ == "__main__":
    main()
