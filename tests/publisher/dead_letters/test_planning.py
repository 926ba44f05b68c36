import math
from typing import Any

import pytest

from publisher import InvalidInput, LedgerRefused, NotInLedger
from publisher.dead_letters import DeadLetters, ItemState, LeftOut, LetterFilter, Plan, PlannedGroup, PlanState, Why
from schemas.fingerprints import fingerprint
from tests.publisher.dead_letters.lane_twin import LaneTwin
from tests.publisher.dead_letters.ledger_rows import LedgerRows

ALL = LetterFilter()


async def planned(ledger: DeadLetters, letter_filter: LetterFilter = ALL, **terms: Any) -> Plan:
    made = await ledger.plan_replay(letter_filter, **{"operator": "ann", "why": "fixed in 1.4"} | terms)
    assert made.plan is not None
    return made.plan


async def letters_of(ledger: DeadLetters, plan: Plan) -> list[int]:
    return [item.letter_id async for item in ledger.plan_items(plan.plan_id)]


async def test_a_plan_freezes_what_matches_now_in_order(ledger: DeadLetters, rows: LedgerRows) -> None:
    failed = [await rows.add(error=f"division by {number}") for number in range(3)]
    invalid = await rows.add(reason="invalid", error="not JSON")
    plan = await planned(ledger, canary=2, rate_per_second=0.5)
    late = await rows.add()
    assert await letters_of(ledger, plan) == [*failed, invalid]
    assert late not in await letters_of(ledger, plan)
    assert (plan.operator, plan.why, plan.filter, plan.matched) == ("ann", "fixed in 1.4", {}, 4)
    assert (plan.canary, plan.rate_per_second, plan.dry_run, plan.state) == (2, 0.5, False, PlanState.RUNNING)
    assert plan.groups == (
        PlannedGroup(fingerprint("failed", "division by 0"), "failed", 3),
        PlannedGroup(fingerprint("invalid", "not JSON"), "invalid", 1),
    )
    assert await ledger.plan(plan.plan_id) == plan
    assert await rows.deeds() == [("made_plan", "ann", "fixed in 1.4", None, plan.plan_id)]
    assert [item.ordinal async for item in ledger.plan_items(plan.plan_id)] == [1, 2, 3, 4]
    assert await ledger.plan_open_count(plan.plan_id) == 4


async def test_what_cannot_be_taken_is_counted_and_explained(ledger: DeadLetters, rows: LedgerRows) -> None:
    head, first, second = await rows.add_line("71053", 2)
    closed, skipped, in_plan, free = await rows.add("replayed"), await rows.add(), await rows.add(), await rows.add()
    await ledger.skip(LetterFilter(letter_ids=(skipped,)), operator="bob", why="rubbish")
    plan = await planned(ledger, LetterFilter(letter_ids=(in_plan,)))
    wanted = (head, first, second, closed, skipped, in_plan, free, 99, 100)
    made = await ledger.plan_replay(LetterFilter(letter_ids=wanted), operator="ann", why="fixed")
    assert made.plan is not None
    assert await letters_of(ledger, made.plan) == [head, free]
    assert set(made.left_out) == {
        LeftOut(Why.PARKED, 2, first, head),
        LeftOut(Why.CLOSED, 1, closed),
        LeftOut(Why.ASKED_FOR, 1, skipped),
        LeftOut(Why.PLANNED, 1, in_plan, plan.plan_id),
        LeftOut(Why.UNKNOWN, 1, 99),
        LeftOut(Why.UNKNOWN, 1, 100),
    }


async def test_where_nothing_is_free_nothing_is_made(ledger: DeadLetters, rows: LedgerRows) -> None:
    await rows.add("replayed")
    for letter_filter in (ALL, LetterFilter(letter_ids=(1,)), LetterFilter(letter_ids=())):
        made = await ledger.plan_replay(letter_filter, operator="ann", why="fixed")
        assert made.plan is None
    assert await ledger.plans() == []
    assert await rows.deeds() == []


@pytest.mark.parametrize(
    ("left_out", "sentence"),
    [
        (LeftOut(Why.UNKNOWN, 1, 7), "there is no dead letter 7"),
        (LeftOut(Why.CLOSED, 1, 7), "7 is closed already"),
        (LeftOut(Why.CLOSED, 1, 7, 3), "7 is closed already"),
        (LeftOut(Why.PARKED, 1, 7, 3), "7 waits behind 3, and follows it"),
        (LeftOut(Why.PARKED, 1, 7), "7 is being decided: what it waited behind was let go"),
        (LeftOut(Why.ASKED_FOR, 1, 7), "something is asked for about 7 already"),
        (LeftOut(Why.ASKED_FOR, 1, 7, 3), "7 is asked for by plan 3"),
        (LeftOut(Why.PLANNED, 1_000, 7, 3), "1,000 letters: 7 is in plan 3, which has not ended, for one"),
    ],
)
def test_what_is_left_out_is_a_sentence(left_out: LeftOut, sentence: str) -> None:
    assert str(left_out) == sentence


@pytest.mark.parametrize(
    "terms",
    [
        {"operator": " "},
        {"operator": "a\nb"},
        {"operator": "x" * 129},
        {"why": ""},
        {"why": "x" * 501},
        {"canary": 0},
        {"canary": -1},
        {"rate_per_second": 0.0},
        {"rate_per_second": math.nan},
        {"rate_per_second": math.inf},
    ],
)
async def test_terms_that_make_no_sense_are_refused(
    ledger: DeadLetters, rows: LedgerRows, terms: dict[str, Any]
) -> None:
    await rows.add()
    with pytest.raises(InvalidInput, match="must be"):
        await planned(ledger, **terms)
    assert await ledger.plans() == []


async def test_a_plan_is_paused_resumed_and_cancelled(ledger: DeadLetters, rows: LedgerRows) -> None:
    letter_id = await rows.add()
    plan = await planned(ledger)
    paused = await ledger.pause(plan.plan_id, operator="bob", why="wait for the fix")
    assert (paused.state, paused.note) == (PlanState.PAUSED, "bob: wait for the fix")
    resumed = await ledger.resume(plan.plan_id, operator="bob", why="it is out")
    assert (resumed.state, resumed.note) == (PlanState.RUNNING, None)
    await ledger.pause(plan.plan_id, operator="bob", why="no")
    cancelled = await ledger.cancel(plan.plan_id, operator="bob", why="another time")
    assert (cancelled.state, cancelled.has_ended) == (PlanState.CANCELLED, True)
    assert cancelled.ended_at is not None
    assert [item.state async for item in ledger.plan_items(plan.plan_id)] == [ItemState.CANCELLED]
    deeds = [(deed, operator) for deed, operator, *_ in await rows.deeds()]
    assert deeds == [
        ("made_plan", "ann"),
        ("paused_plan", "bob"),
        ("resumed_plan", "bob"),
        ("paused_plan", "bob"),
        ("cancelled_plan", "bob"),
    ]
    # It is free again.
    assert await letters_of(ledger, await planned(ledger)) == [letter_id]


async def test_a_plan_is_only_changed_from_the_state_for_it(ledger: DeadLetters, rows: LedgerRows) -> None:
    await rows.add()
    plan = await planned(ledger)
    with pytest.raises(LedgerRefused, match="is running: only one that is paused can be resumed"):
        await ledger.resume(plan.plan_id, operator="bob", why="x")
    await ledger.cancel(plan.plan_id, operator="bob", why="x")
    for change in (ledger.pause, ledger.resume, ledger.cancel):
        with pytest.raises(LedgerRefused, match="is cancelled: only one that is"):
            await change(plan.plan_id, operator="bob", why="x")
    for plan_id in (0, 99, 2**63):
        with pytest.raises(NotInLedger, match=f"no plan {plan_id}"):
            await ledger.pause(plan_id, operator="bob", why="x")


async def test_what_became_of_the_letters_is_counted(
    ledger: DeadLetters, rows: LedgerRows, migrated_database_url: str
) -> None:
    applied, again, rejected = await rows.add(), await rows.add(), await rows.add(reason="invalid", error="x")
    endings = {again: ("dead_lettered", "failed"), rejected: ("rejected", "insufficient_stock")}
    plan = await planned(ledger)
    async with LaneTwin(migrated_database_url, endings) as twin:
        await twin.until_idle()
    assert (await ledger.plan(plan.plan_id)).state is PlanState.FINISHED
    counts = {(count.reason, count.outcome, count.outcome_reason): count for count in await ledger.plan_counts(1)}
    assert counts.keys() == {
        ("failed", "applied", None),
        ("failed", "dead_lettered", "failed"),
        ("invalid", "rejected", "insufficient_stock"),
    }
    assert {count.state for count in counts.values()} == {ItemState.DONE}
    failures = [item.letter_id async for item in ledger.plan_items(plan.plan_id, not_applied=True)]
    assert failures == [again, rejected]
    assert (await ledger.letter(applied)).letter.outcome == "applied"
    # What failed again can be replayed again.
    assert await letters_of(ledger, await planned(ledger)) == [again]


async def test_plans_are_listed_newest_first(ledger: DeadLetters, rows: LedgerRows) -> None:
    for _ in range(3):
        await rows.add()
        await planned(ledger)
    await ledger.cancel(2, operator="ann", why="x")
    assert [plan.plan_id for plan in await ledger.plans()] == [3, 2, 1]
    assert [plan.plan_id for plan in await ledger.plans(open_only=True)] == [3, 1]
    assert [plan.plan_id for plan in await ledger.plans(limit=1)] == [3]
