"""What an operator should look at."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from worker.lane.lane import BATCH_LIMIT_COMMANDS
from worker.ledger import PARKED_LIMIT, PARKED_PER_AGGREGATE_LIMIT
from worker.operations.status.state import PartitionState, Status, WorkerState


class ProblemKind(StrEnum):
    """What is wrong; for programs."""

    QUEUE_MISSING = "queue_missing"
    NO_OWNER = "no_owner"
    TWO_OWNERS = "two_owners"
    NOT_CONSUMED = "not_consumed"
    UNKNOWN_CONSUMER = "unknown_consumer"
    UNKNOWN_QUEUE = "unknown_queue"
    NOT_FORWARDED = "not_forwarded"
    SILENT_WORKER = "silent_worker"
    SAME_NAME = "same_name"
    DATABASE_AWAY = "database_away"
    OTHER_SHOP = "other_shop"
    UNANSWERED = "unanswered"
    HELD = "held"
    PARKING_FULL = "parking_full"
    PLAN_PAUSED = "plan_paused"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; the message says what to do."""

    kind: ProblemKind
    message: str
    partition: int | None = None
    worker: str | None = None


def problems_of(status: Status) -> list[Problem]:
    """Return everything that is wrong, nothing where all is well."""
    return [
        *_of_the_broker(status),
        *(problem for worker in status.workers for problem in _of_worker(worker)),
        *_of_names(status.workers),
        *(
            problem
            for partition in status.partitions
            for problem in _of_partition(partition, asked=status.unanswered is None)
        ),
        *_of_the_ledger(status),
    ]


def _of_the_broker(status: Status) -> Iterator[Problem]:
    if status.unanswered is not None:
        yield Problem(ProblemKind.UNANSWERED, f"who owns what is unknown: {status.unanswered}")
    for queue, ready in status.unknown_queues.items():
        yield Problem(
            ProblemKind.UNKNOWN_QUEUE,
            f"the queue {queue} belongs to no partition, and nobody works on the {ready} commands in it: find the "
            f"publisher that is set to more than {len(status.partitions)} partitions; delete the queue when it is "
            "empty",
        )
    if not status.partitions:
        yield Problem(ProblemKind.NO_OWNER, "no worker has ever started on this database; start one")
    elif status.ingress_consumers == 0:
        yield Problem(ProblemKind.NOT_FORWARDED, "no worker forwards what was published under a SKU; start a worker")


def _of_the_ledger(status: Status) -> Iterator[Problem]:
    ledger, held = status.ledger, sum(partition.held_aggregates for partition in status.partitions)
    if held and ledger.held_since is not None:
        yield Problem(
            ProblemKind.HELD,
            f"{held} SKUs or orders wait for what becomes of a dead letter, the first since "
            f"{ledger.held_since:%Y-%m-%d %H:%M:%S} UTC: replay, edit or skip it; "
            "see order-publisher dead-letters list",
        )
    yield from _of_parking(status)
    for plan in ledger.paused_plans:
        yield Problem(
            ProblemKind.PLAN_PAUSED,
            f"the replay plan {plan.plan_id} is paused ({plan.note or 'nobody said why'}): resume or cancel it; "
            f"see order-publisher dead-letters plan show {plan.plan_id}",
        )


def _of_parking(status: Status) -> Iterator[Problem]:
    parked, ledger = sum(partition.parked_letters for partition in status.partitions), status.ledger
    stops = "partitions stop when the next do not fit, until some are replayed, edited or skipped"
    if ledger.fullest_parked > PARKED_PER_AGGREGATE_LIMIT - BATCH_LIMIT_COMMANDS:
        yield Problem(
            ProblemKind.PARKING_FULL,
            f"{ledger.fullest_parked} commands are parked about {ledger.fullest}, of at most "
            f"{PARKED_PER_AGGREGATE_LIMIT}: {stops}",
        )
    if parked > PARKED_LIMIT - BATCH_LIMIT_COMMANDS:
        yield Problem(ProblemKind.PARKING_FULL, f"{parked} commands are parked, of at most {PARKED_LIMIT}: {stops}")


def _of_worker(worker: WorkerState) -> Iterator[Problem]:
    def problem(kind: ProblemKind, message: str) -> Problem:
        return Problem(kind, f"{worker.name} {message}", worker=worker.worker)

    if not worker.answers:
        yield problem(
            ProblemKind.SILENT_WORKER, "does not answer: it hangs, or has died just now; others still count it"
        )
    if worker.database_away:
        yield problem(
            ProblemKind.DATABASE_AWAY, "cannot reach the database, and leaves its partitions to others meanwhile"
        )
    if worker.other_shop:
        yield problem(
            ProblemKind.OTHER_SHOP, "works on another database: give each shop a virtual host of its own on the broker"
        )


def _of_names(workers: tuple[WorkerState, ...]) -> Iterator[Problem]:
    for name, count in Counter(worker.name for worker in workers).items():
        if count > 1:
            yield Problem(
                ProblemKind.SAME_NAME,
                f"{count} workers are called {name}: they share all the same, but nobody can tell them apart; "
                "set ORDERS_WORKER_NAME for each, or leave it out",
            )


def _of_partition(partition: PartitionState, *, asked: bool) -> Iterator[Problem]:
    finding = None
    if not partition.queue_exists:
        finding = (ProblemKind.QUEUE_MISSING, "its queue does not exist; start a worker, or wait a moment")
    elif asked:
        finding = _of_owners(partition)
    elif partition.consumers == 0:
        finding = (ProblemKind.NO_OWNER, "no worker consumes it")
    if finding is not None:
        kind, message = finding
        yield Problem(kind, message, partition=partition.partition)


def _of_owners(partition: PartitionState) -> tuple[ProblemKind, str] | None:
    owners, consumers, expected = partition.owners, partition.consumers, partition.expected_consumers
    if not owners and consumers:
        return ProblemKind.NO_OWNER, (
            "no worker that answers has it, but something consumes it: a worker that hangs? "
            f"{partition.claimed_by or 'nobody'} claimed it last"
        )
    if not owners:
        return ProblemKind.NO_OWNER, "no worker has it; start one, or wait a moment"
    if len(owners) > 1:
        return (
            ProblemKind.TWO_OWNERS,
            (
                f"{' and '.join(owners)} claim it: the database lets only the newest epoch write; "
                "if it lasts, they do not hear each other: restart one of them"
            ),
        )
    if consumers == 0:
        return ProblemKind.NOT_CONSUMED, f"{owners[0]} has it and does not consume it; see its log"
    if consumers > expected:
        return (
            ProblemKind.UNKNOWN_CONSUMER,
            (
                f"{consumers} consume it, and only {expected} of them answers as a worker: one hangs, "
                "or another program takes commands"
            ),
        )
    return None
