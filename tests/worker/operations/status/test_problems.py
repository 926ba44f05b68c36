from dataclasses import replace
from typing import Any

import pytest

from tests.worker.operations.status.states import NOON, PARTITION, STATUS, WORKER
from worker.operations.status import LedgerState, ProblemKind, problems_of
from worker.operations.status.ledger_state import PausedPlan


def test_nothing_is_wrong_where_all_is_well() -> None:
    assert problems_of(STATUS) == []


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"queue_exists": False, "consumers": 0}, ProblemKind.QUEUE_MISSING, "does not exist"),
        ({"owners": (), "consumers": 0, "expected_consumers": 0}, ProblemKind.NO_OWNER, "no worker has it"),
        ({"owners": (), "expected_consumers": 0}, ProblemKind.NO_OWNER, "one claimed it last"),
        (
            {"owners": ("one", "two"), "consumers": 2, "expected_consumers": 2},
            ProblemKind.TWO_OWNERS,
            "one and two claim it",
        ),
        ({"consumers": 0}, ProblemKind.NOT_CONSUMED, "one has it and does not consume it"),
        ({"consumers": 2}, ProblemKind.UNKNOWN_CONSUMER, "2 consume it"),
    ],
)
def test_a_partition_that_needs_attention(changes: dict[str, Any], kind: ProblemKind, words: str) -> None:
    (problem,) = problems_of(replace(STATUS, partitions=(replace(PARTITION, **changes),)))
    assert (problem.kind, problem.partition) == (kind, 0)
    assert words in problem.message


def test_a_handover_is_no_problem() -> None:
    handed_over = replace(PARTITION, owners=("two",), consumers=2, expected_consumers=2)
    assert problems_of(replace(STATUS, partitions=(handed_over,))) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"answers": False}, ProblemKind.SILENT_WORKER),
        ({"database_away": True}, ProblemKind.DATABASE_AWAY),
        ({"other_shop": True}, ProblemKind.OTHER_SHOP),
    ],
)
def test_a_worker_that_needs_attention(changes: dict[str, Any], kind: ProblemKind) -> None:
    (problem,) = problems_of(replace(STATUS, workers=(replace(WORKER, **changes),)))
    assert (problem.kind, problem.worker) == (kind, WORKER.worker)
    assert problem.message.startswith("one ")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"unknown_queues": {"orders.commands.17": 5}}, ProblemKind.UNKNOWN_QUEUE),
        ({"ingress_consumers": 0}, ProblemKind.NOT_FORWARDED),
        ({"workers": (WORKER, replace(WORKER, worker="one.other"))}, ProblemKind.SAME_NAME),
        ({"partitions": ()}, ProblemKind.NO_OWNER),
        ({"unanswered": "an alarm"}, ProblemKind.UNANSWERED),
    ],
)
def test_a_shop_that_needs_attention(changes: dict[str, Any], kind: ProblemKind) -> None:
    (problem,) = problems_of(replace(STATUS, **changes))
    assert (problem.kind, problem.partition) == (kind, None)


def test_where_nobody_could_be_asked_the_queues_still_tell_who_is_missing() -> None:
    consumed, unconsumed = replace(PARTITION, owners=()), replace(PARTITION, partition=1, owners=(), consumers=0)
    found = problems_of(replace(STATUS, partitions=(consumed, unconsumed), unanswered="an alarm"))
    assert [(problem.kind, problem.partition) for problem in found] == [
        (ProblemKind.UNANSWERED, None),
        (ProblemKind.NO_OWNER, 1),
    ]


@pytest.mark.parametrize(
    ("partition", "ledger", "kind", "words"),
    [
        (
            {"held_aggregates": 2},
            LedgerState(held_since=NOON),
            ProblemKind.HELD,
            "2 SKUs or orders wait for what becomes of a dead letter, the first since 2026-07-01 12:00:00 UTC",
        ),
        (
            {"parked_letters": 9_900},
            LedgerState(fullest="85123A", fullest_parked=9_900),
            ProblemKind.PARKING_FULL,
            "9900 commands are parked about 85123A, of at most 10000",
        ),
        (
            {"parked_letters": 99_900},
            LedgerState(fullest="85123A", fullest_parked=1),
            ProblemKind.PARKING_FULL,
            "99900 commands are parked, of at most 100000",
        ),
        (
            {},
            LedgerState(paused_plans=(PausedPlan(7, "1 of the first 5 did not succeed"),)),
            ProblemKind.PLAN_PAUSED,
            "the replay plan 7 is paused (1 of the first 5 did not succeed)",
        ),
    ],
)
def test_a_ledger_that_needs_attention(
    partition: dict[str, Any], ledger: LedgerState, kind: ProblemKind, words: str
) -> None:
    (problem,) = problems_of(replace(STATUS, partitions=(replace(PARTITION, **partition),), ledger=ledger))
    assert problem.kind is kind
    assert problem.message.startswith(words)


def test_letters_that_are_set_aside_harm_nobody() -> None:
    assert problems_of(replace(STATUS, ledger=LedgerState(open_letters={"set_aside": 10**6}))) == []
