"""Asks the database, the broker's queues and the workers themselves."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

import asyncpg

from publisher.errors import BrokerUnavailable
from schemas.names import DEAD_LETTERS_QUEUE, INGRESS_QUEUE
from schemas.partitions import PARTITION_COUNT_LIMIT, partition_queue
from worker.broker.queue_counts import QueueCount, count_queues
from worker.broker.roll_call import call_roll
from worker.database.topology import recorded_shop
from worker.operations.statements import statement
from worker.operations.status.ledger_state import ledger_state
from worker.operations.status.state import PartitionState, Status, WorkerState
from worker.ownership import LaneReport, WorkerReport

LOOK_SECONDS = 1.0
"""How long it looks at least: the rate is of this time."""


async def status(connection: asyncpg.Connection, amqp_url: str) -> Status:
    """Return the state of every partition and worker. Raises `BrokerUnavailable` where there is no broker."""
    before = dict(await connection.fetch(statement("partition_sequences")))
    started = perf_counter()
    counts = await count_queues(
        amqp_url, [INGRESS_QUEUE, DEAD_LETTERS_QUEUE, *map(partition_queue, range(PARTITION_COUNT_LIMIT))]
    )
    (reports, unanswered), _ = await asyncio.gather(_reports(amqp_url), asyncio.sleep(LOOK_SECONDS))
    rows, elapsed_seconds = await connection.fetch(statement("all_partitions")), perf_counter() - started
    shop = await recorded_shop(connection)
    ours = [report for report in reports if report.shop == shop]
    ingress, dead_letters, *queues = counts
    return Status(
        partitions=tuple(
            _partition(
                row,
                queues[row["partition"]],
                ours,
                (row["sequence"] - before.get(row["partition"], 0)) / elapsed_seconds,
            )
            for row in rows
        ),
        workers=_workers(reports, shop),
        ingress_ready=ingress.ready,
        ingress_consumers=ingress.consumers,
        dead_letters_ready=dead_letters.ready,
        ledger=await ledger_state(connection),
        unknown_queues={queue.queue: queue.ready for queue in queues[len(rows) :] if queue.exists} if rows else {},
        unanswered=unanswered,
    )


async def _reports(amqp_url: str) -> tuple[list[WorkerReport], str | None]:
    """Return the workers' reports, and why there are none where the broker takes no question."""
    try:
        return await call_roll(amqp_url), None
    except BrokerUnavailable as error:
        return [], str(error)


def _partition(
    row: asyncpg.Record, queue: QueueCount, reports: Sequence[WorkerReport], commands_per_second: float
) -> PartitionState:
    lanes = _lanes(row["partition"], reports)
    owning = [(report, lane) for report, lane in lanes if not lane.leaving]
    ages_seconds = [lane.oldest_seconds for _, lane in lanes if lane.oldest_seconds is not None]
    return PartitionState(
        partition=row["partition"],
        owners=tuple(report.name for report, _ in owning),
        owned_since=max((lane.since for _, lane in owning), default=None),
        epoch=row["epoch"],
        claimed_by=row["owner"],
        claimed_at=_aware(row["claimed_at"]),
        queue_exists=queue.exists,
        consumers=queue.consumers,
        expected_consumers=len(lanes),
        backlog=queue.ready + sum(lane.held for _, lane in lanes),
        oldest_seconds=max(ages_seconds, default=None),
        answered=row["sequence"],
        commands_per_second=commands_per_second,
        held_reservations=row["held_reservations"],
        held_aggregates=row["held_aggregates"],
        parked_letters=row["parked_letters"],
        last_error=max(
            (lane.last_error for _, lane in owning if lane.last_error), key=lambda error: error.at, default=None
        ),
    )


def _lanes(partition: int, reports: Sequence[WorkerReport]) -> list[tuple[WorkerReport, LaneReport]]:
    return [(report, lane) for report in reports for lane in report.lanes if lane.partition == partition]


def _workers(reports: Sequence[WorkerReport], shop: str | None) -> tuple[WorkerState, ...]:
    answering = [
        WorkerState(
            worker=report.worker,
            name=report.name,
            answers=True,
            joined_at=report.joined_at,
            partitions=tuple(lane.partition for lane in report.lanes if not lane.leaving),
            database_away=report.database_away,
            other_shop=report.shop != shop,
        )
        for report in reports
    ]
    known = {member for report in reports for member in report.members}
    silent = [_silent(worker) for worker in known - {report.worker for report in reports}]
    return tuple(sorted([*answering, *silent], key=lambda worker: (worker.name, worker.worker)))


def _silent(worker: str) -> WorkerState:
    return WorkerState(
        worker=worker,
        name=worker.rpartition(".")[0],
        answers=False,
        joined_at=None,
        partitions=(),
        database_away=False,
        other_shop=False,
    )


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
