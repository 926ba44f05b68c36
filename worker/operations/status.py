"""Who owns what, and how much waits."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from schemas.names import DEAD_LETTERS_QUEUE, INGRESS_QUEUE
from schemas.partitions import partition_queue
from worker.broker.queue_counts import QueueCount, count_queues
from worker.operations.statements import statement


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition at one moment."""

    partition: int
    owner: str | None
    epoch: int
    claimed_at: datetime | None
    """UTC, naive."""
    answered: int
    """Commands decided so far."""
    held_reservations: int
    """Reservations that hold units."""
    ready: int
    """Commands waiting at the broker, without those a worker holds."""
    active: bool
    """Whether a worker consumes it now."""
    problem: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """The whole shop at one moment."""

    partitions: list[PartitionStatus]
    ingress_ready: int
    dead_letters: int

    @property
    def problems(self) -> list[str]:
        """Return what an operator should look at."""
        return [
            f"partition {partition.partition:02d}: {partition.problem}"
            for partition in self.partitions
            if partition.problem
        ]


async def status(connection: asyncpg.Connection, amqp_url: str) -> Status:
    """Return the state of every partition. Raises `BrokerUnavailable`."""
    rows = await connection.fetch(statement("all_partitions"))
    queues = [partition_queue(row["partition"]) for row in rows]
    counts = await count_queues(amqp_url, [*queues, INGRESS_QUEUE, DEAD_LETTERS_QUEUE])
    partitions = [_partition(row, count) for row, count in zip(rows, counts, strict=False)]
    return Status(partitions, counts[-2].ready, counts[-1].ready)


def _partition(row: asyncpg.Record, count: QueueCount) -> PartitionStatus:
    return PartitionStatus(
        row["partition"],
        row["owner"],
        row["epoch"],
        row["claimed_at"],
        row["sequence"],
        row["held_reservations"],
        count.ready,
        count.consumers > 0,
        _problem(count),
    )


def _problem(count: QueueCount) -> str | None:
    if not count.exists:
        return f"the queue {count.queue} does not exist; start a worker"
    if count.consumers == 0:
        return f"no worker consumes it, {count.ready} commands wait"
    return None
