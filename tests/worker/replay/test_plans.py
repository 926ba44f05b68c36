"""Plans on a real database: what is asked for, by one worker and by several at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from tests.worker.replay.ledger import Ledger
from worker.event_store import PartitionStore, StoreUnavailable
from worker.ledger import Hold, LaneLedger, LetterState, Verdict
from worker.replay.advancing import IN_FLIGHT_LIMIT_LETTERS, Finish
from worker.replay.plans import REPLAY_USER, Plans
from worker.replay.session import LedgerSession


@pytest.fixture
async def session(migrated_database_url: str) -> AsyncIterator[LedgerSession]:
    session = LedgerSession(migrated_database_url)
    yield session
    await session.close()


@pytest.fixture
def plans(session: LedgerSession) -> Plans:
    return Plans(session)


async def test_a_plan_asks_for_its_letters_and_ends_when_all_are_done(ledger: Ledger, plans: Plans) -> None:
    letters = await ledger.letters(3, partition=2)
    plan_id = await ledger.plan(letters)
    await plans.carry_on()
    assert await ledger.states(plan_id) == ["requested"] * 3
    rows = await ledger.connection.fetch("SELECT * FROM dead_letter_requests ORDER BY letter_id")
    assert [row["letter_id"] for row in rows] == letters
    assert {(row["partition"], row["action"], row["operator"], row["why"], row["plan_id"]) for row in rows} == {
        (2, "replay", "ann", "fixed", plan_id)
    }
    await ledger.close_all(letters[:2])
    await plans.carry_on()
    assert (await ledger.row(plan_id))["state"] == "running"
    await ledger.close(letters[2])
    await plans.carry_on()
    plan = await ledger.row(plan_id)
    assert (plan["state"], plan["ended_at"] is not None) == ("finished", True)


async def test_a_plan_about_nothing_ends_at_once(ledger: Ledger, plans: Plans) -> None:
    plan_id = await ledger.plan([])
    assert await plans.advance(plan_id) == Finish()
    assert (await ledger.row(plan_id))["state"] == "finished"


async def test_the_others_follow_a_canary_that_was_applied(ledger: Ledger, plans: Plans) -> None:
    letters = await ledger.letters(5)
    plan_id = await ledger.plan(letters, canary=2)
    for _ in range(2):
        await plans.carry_on()
        assert await ledger.requested() == letters[:2]
    await ledger.close_all(letters[:2])
    await plans.carry_on()
    assert await ledger.requested() == letters[2:]
    assert (await ledger.row(plan_id))["canary_passed"]


async def test_a_canary_that_fails_pauses_the_plan_and_says_why_until_somebody_resumes_it(
    ledger: Ledger, plans: Plans
) -> None:
    letters = await ledger.letters(5)
    plan_id = await ledger.plan(letters, canary=2)
    await plans.carry_on()
    await ledger.close(letters[0])
    await ledger.close(letters[1], outcome="rejected")
    for _ in range(2):
        await plans.carry_on()
    plan = await ledger.row(plan_id)
    note = f"1 of the first 2 did not succeed: letter {letters[1]}: rejected"
    assert (plan["state"], plan["note"]) == ("paused", note)
    deeds = await ledger.connection.fetch("SELECT operator, why, deed, plan_id FROM dead_letter_deeds")
    assert [tuple(deed) for deed in deeds] == [(REPLAY_USER, note, "paused_plan", plan_id)]
    assert await ledger.requested() == []
    await ledger.connection.execute("UPDATE replay_plans SET state = 'running' WHERE plan_id = $1", plan_id)
    await plans.carry_on()
    assert await ledger.requested() == letters[2:]


async def test_what_somebody_else_did_meanwhile_is_told_and_not_done_again(ledger: Ledger, plans: Plans) -> None:
    letters = await ledger.letters(4)
    plan_id = await ledger.plan(letters)
    await ledger.connection.execute(
        "UPDATE dead_letters SET state = 'edited', outcome = 'applied', closed_at = last_at WHERE letter_id = $1",
        letters[0],
    )
    await ledger.ask(letters[1], "skip")
    await plans.carry_on()
    assert await ledger.states(plan_id) == ["cancelled", "cancelled", "requested", "requested"]
    assert await ledger.item(letters[0]) == {
        "state": "cancelled",
        "outcome": None,
        "outcome_reason": None,
        "message": "it was edited meanwhile, and not by this plan",
    }
    assert (await ledger.item(letters[1]))["message"] == "ben has asked to skip it meanwhile"
    actions = await ledger.connection.fetch("SELECT action FROM dead_letter_requests ORDER BY letter_id")
    assert [row["action"] for row in actions] == ["skip", "replay", "replay"]


async def test_what_is_asked_for_at_this_very_moment_is_seen_at_the_next_look(
    ledger: Ledger, plans: Plans, migrated_database_url: str
) -> None:
    letters = await ledger.letters(2)
    plan_id = await ledger.plan(letters)
    transaction = ledger.connection.transaction()
    await transaction.start()
    await ledger.ask(letters[0])
    carrying_on = asyncio.create_task(plans.carry_on())
    await _until_somebody_waits(migrated_database_url)
    await transaction.commit()
    await carrying_on
    assert await ledger.states(plan_id) == ["planned", "requested"]
    await plans.carry_on()
    assert await ledger.states(plan_id) == ["cancelled", "requested"]


async def test_a_canary_is_of_letters_that_the_plan_has_tried(ledger: Ledger, plans: Plans) -> None:
    letters = await ledger.letters(5)
    plan_id = await ledger.plan(letters, canary=2)
    await ledger.ask(letters[0], "skip")
    await plans.carry_on()
    assert await ledger.states(plan_id) == ["cancelled", "requested", "planned", "planned", "planned"]
    await plans.carry_on()
    assert await ledger.states(plan_id) == ["cancelled", "requested", "requested", "planned", "planned"]
    await ledger.close_all(letters[1:3])
    await plans.carry_on()
    assert (await ledger.states(plan_id))[3:] == ["requested", "requested"]
    assert (await ledger.row(plan_id))["canary_passed"]


async def _until_somebody_waits(database_url: str) -> None:
    # Over a connection of its own: within a transaction this view stands still.
    connection = await asyncpg.connect(database_url)
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while not await connection.fetch(waiting):
        """Asking takes as long as a pause would."""
    await connection.close()


@pytest.mark.parametrize("state", ["paused", "cancelled", "finished"])
async def test_a_plan_that_is_not_at_work_does_nothing(ledger: Ledger, plans: Plans, state: str) -> None:
    plan_id = await ledger.plan(await ledger.letters(2))
    await ledger.connection.execute("UPDATE replay_plans SET state = $1", state)
    assert await plans.advance(plan_id) is None
    await plans.carry_on()
    assert await ledger.requested() == []


async def test_a_dry_run_asks_for_nothing(ledger: Ledger, plans: Plans) -> None:
    await ledger.plan(await ledger.letters(2), dry_run=True)
    await plans.carry_on()
    assert await ledger.requested() == []


async def test_a_plan_that_is_being_cancelled_is_left_alone(ledger: Ledger, plans: Plans) -> None:
    plan_id = await ledger.plan(await ledger.letters(2))
    async with ledger.connection.transaction():
        await ledger.connection.execute("UPDATE replay_plans SET state = 'cancelled'")
        assert await plans.advance(plan_id) is None


async def test_a_plan_goes_on_while_a_lane_records_what_became_of_its_letters(ledger: Ledger, plans: Plans) -> None:
    plan_id = await ledger.plan(await ledger.letters(2))
    async with ledger.connection.transaction():
        await ledger.connection.execute(
            'INSERT INTO dead_letter_deeds ("at", operator, why, deed, plan_id) '
            "VALUES (now(), 'ann', 'fixed', 'replayed', $1)",
            plan_id,
        )
        assert await plans.advance(plan_id) is not None


async def test_a_rate_is_kept_by_the_clock_of_the_database(ledger: Ledger, plans: Plans) -> None:
    letters = await ledger.letters(20)
    plan_id = await ledger.plan(letters, rate_per_second=0.001)
    await plans.carry_on()
    assert await ledger.requested() == []
    await ledger.connection.execute("UPDATE replay_plans SET advanced_at = advanced_at - interval '2500 seconds'")
    await plans.carry_on()
    await plans.carry_on()
    assert await ledger.requested() == letters[:1]
    assert await ledger.states(plan_id) == ["requested", *["planned"] * 19]


async def test_many_workers_at_once_ask_for_each_letter_once_and_never_for_too_many(
    ledger: Ledger, migrated_database_url: str
) -> None:
    letters = await ledger.letters(60)
    plan_ids = [
        await ledger.plan(letters[:30], canary=3),
        await ledger.plan(letters[30:50]),
        await ledger.plan(letters[50:], rate_per_second=0.001),
    ]
    sessions = [LedgerSession(migrated_database_url) for _ in range(6)]
    for _ in range(5):
        await asyncio.gather(*(Plans(session).carry_on() for session in sessions))
    assert await ledger.requested() == [*letters[:3], *letters[30:50]]
    await ledger.close_all(letters[:3])
    for _ in range(5):
        await asyncio.gather(*(Plans(session).carry_on() for session in sessions))
    assert await ledger.requested() == letters[3:50]
    await ledger.close_all(letters[3:50])
    await asyncio.gather(*(Plans(session).carry_on() for session in sessions))
    assert [(await ledger.row(plan_id))["state"] for plan_id in plan_ids] == ["finished", "finished", "running"]
    for session in sessions:
        await session.close()


async def test_no_more_are_in_flight_than_the_limit(ledger: Ledger, plans: Plans) -> None:
    letter_id = await ledger.letter()
    await ledger.connection.execute(
        "INSERT INTO dead_letters (origin, partition, state, reason, fingerprint, attempts, first_at, last_at, error, "
        "queue, routing_key, headers, body) "
        "SELECT int8send(n), partition, state, reason, fingerprint, attempts, first_at, last_at, error, "
        "queue, routing_key, headers, body FROM dead_letters, generate_series(1000001, 1001499) AS n"
    )
    plan_id = await ledger.plan(list(range(letter_id, letter_id + 1_500)))
    for _ in range(2):
        await plans.carry_on()
        assert (await ledger.states(plan_id)).count("requested") == IN_FLIGHT_LIMIT_LETTERS


async def test_a_database_that_is_away_is_unavailable_once_and_then_connected_anew(
    ledger: Ledger, plans: Plans
) -> None:
    plan_id = await ledger.plan(await ledger.letters(1))
    assert await plans.advance(plan_id) is not None
    await ledger.connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'order-worker ledger'"
        " AND datname = current_database()"
    )
    with pytest.raises(StoreUnavailable):
        await plans.carry_on()
    await plans.carry_on()
    assert (await ledger.states(plan_id)) == ["requested"]


async def test_a_letter_that_is_parked_meanwhile_is_done_when_it_is_decided(
    ledger: Ledger, plans: Plans, migrated_database_url: str
) -> None:
    letter, head = await ledger.letter(), await ledger.letter("held", place=1)
    plan_id = await ledger.plan([letter])
    await plans.carry_on()
    await ledger.connection.execute("INSERT INTO holds VALUES ('A', 0, $1, 0, 2, now())", head)
    store = PartitionStore(migrated_database_url)
    await ledger.connection.execute("INSERT INTO partitions (partition) VALUES (0)")
    term, lane = await store.claim(0, "lane"), LaneLedger(store.session)
    parked = Verdict(letter, "parked", "ann", "fixed", state=LetterState.PARKED)
    await lane.settle(term, [parked], [Hold("A", head, 1)], [], datetime.now(UTC))
    assert await ledger.states(plan_id) == ["requested"]
    decided = Verdict(letter, "replayed", "ann", "fixed", state=LetterState.REPLAYED, outcome="applied")
    await lane.settle(term, [decided], [], [], datetime.now(UTC))
    assert await ledger.states(plan_id) == ["done"]
    await store.close()


async def test_what_lanes_do_for_others_is_no_outcome_of_a_plan_that_has_not_asked_yet(
    ledger: Ledger, plans: Plans, migrated_database_url: str
) -> None:
    letters = await ledger.letters(3)
    plan_id = await ledger.plan(letters, canary=1)
    await ledger.connection.execute("UPDATE replay_plans SET state = 'paused'")
    store = PartitionStore(migrated_database_url)
    await ledger.connection.execute("INSERT INTO partitions (partition) VALUES (0)")
    term, lane = await store.claim(0, "lane"), LaneLedger(store.session)
    skipped = Verdict(letters[0], "skipped", "ben", "rubbish", state=LetterState.SKIPPED, outcome="rejected")
    refused = Verdict(letters[1], "not_done", "ben", "rubbish", state=None, message="it cannot be skipped")
    await lane.settle(term, [skipped, refused], [], [], datetime.now(UTC))
    await store.close()
    assert await ledger.states(plan_id) == ["planned"] * 3
    await ledger.connection.execute("UPDATE replay_plans SET state = 'running'")
    for _ in range(2):
        await plans.carry_on()
    assert await ledger.states(plan_id) == ["cancelled", "requested", "planned"]
    assert (await ledger.item(letters[0]))["message"] == "it was skipped meanwhile, and not by this plan"
