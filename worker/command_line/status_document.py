"""`order-worker status --json`: a contract with other programs, described in docs/operating.md."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from worker.operations.status import PartitionState, Problem, Status, WorkerState

OPEN_STATES = ("set_aside", "held", "parked")


def document(status: Status, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return `status` as JSON values. Names may be added, and never change their meaning."""
    return {
        "partitions": [_partition(partition) for partition in status.partitions],
        "workers": [_worker(worker) for worker in status.workers],
        "ingress_ready": status.ingress_ready,
        "dead_letters": sum(status.ledger.open_letters.values()),
        "open_letters": {state: status.ledger.open_letters.get(state, 0) for state in OPEN_STATES},
        "dead_letters_ready": status.dead_letters_ready,
        "held_since": _time(status.ledger.held_since),
        "paused_plans": [plan._asdict() for plan in status.ledger.paused_plans],
        "unknown_queues": status.unknown_queues,
        "problems": [_problem(problem) for problem in problems],
    }


def _partition(state: PartitionState) -> dict[str, Any]:
    error = state.last_error
    return {
        "partition": state.partition,
        "owner": state.owners[0] if len(state.owners) == 1 else None,
        "owners": list(state.owners),
        "owned_since": _time(state.owned_since),
        "epoch": state.epoch,
        "claimed_by": state.claimed_by,
        "claimed_at": _time(state.claimed_at),
        "backlog": state.backlog,
        "oldest_seconds": None if state.oldest_seconds is None else round(state.oldest_seconds, 3),
        "commands_per_second": round(state.commands_per_second, 1),
        "answered": state.answered,
        "held_reservations": state.held_reservations,
        "held_aggregates": state.held_aggregates,
        "parked_letters": state.parked_letters,
        "consumers": state.consumers,
        "last_error": None if error is None else {"at": _time(error.at), "message": error.message},
    }


def _worker(state: WorkerState) -> dict[str, Any]:
    return {
        "worker": state.worker,
        "name": state.name,
        "answers": state.answers,
        "joined_at": _time(state.joined_at),
        "partitions": list(state.partitions),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind.value,
        "message": problem.message,
        "partition": problem.partition,
        "worker": problem.worker,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
