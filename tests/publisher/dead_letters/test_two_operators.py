"""Operators who ask about the same letters at once, each on a connection of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from publisher import DatabaseUnavailable, LedgerRefused
from publisher.dead_letters import Asked, DeadLetters, LetterFilter, NewPlan, Why
from publisher.dead_letters.asking import ASKING_LOCK
from tests.publisher.dead_letters.ledger_rows import LedgerRows

LETTERS = 400
PLANNED = "SELECT letter_id FROM replay_plan_items WHERE state = 'planned'"
WAITING = """
SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


async def waiting(rows: LedgerRows, count: int) -> list[int]:
    """Return the sessions that wait for a lock, once there are `count`; nobody signals that, so it is asked for."""
    while True:
        found = await rows.connection.fetch(WAITING)
        if len(found) == count:
            return [row["pid"] for row in found]
        await asyncio.sleep(0)


@asynccontextmanager
async def nobody_may_ask(url: str) -> AsyncIterator[None]:
    """Let all who ask wait until the end of the block."""
    connection = await asyncpg.connect(url)
    await connection.execute("SELECT pg_advisory_lock($1)", ASKING_LOCK)
    yield
    await connection.close()


async def ask(url: str, number: int) -> NewPlan | Asked:
    """Plan, or skip, what matches: the whole set, or the half of it that stands in another order."""
    async with DeadLetters(url) as ledger:
        letter_filter = LetterFilter() if number % 2 else LetterFilter(letter_ids=tuple(range(LETTERS, 0, -2)))
        if number % 4 == 3:
            return await ledger.skip(letter_filter, operator=f"operator {number}", why="at once")
        return await ledger.plan_replay(letter_filter, operator=f"operator {number}", why="at once")


async def test_no_letter_is_taken_twice_and_all_is_accounted_for(rows: LedgerRows, migrated_database_url: str) -> None:
    await rows.copy(await rows.add(), LETTERS - 1)
    async with nobody_may_ask(migrated_database_url):
        asking = [asyncio.create_task(ask(migrated_database_url, number)) for number in range(8)]
        await waiting(rows, len(asking))
    answers = await asyncio.gather(*asking)
    planned = [row["letter_id"] for row in await rows.connection.fetch(PLANNED)]
    skipped = [row["letter_id"] for row in await rows.connection.fetch("SELECT letter_id FROM dead_letter_requests")]
    assert len(planned) == len(set(planned))
    assert {*planned, *skipped} == set(range(1, LETTERS + 1))
    for number, answer in enumerate(answers):
        left_out = sum(each.count for each in answer.left_out)
        if isinstance(answer, NewPlan):
            count = 0 if answer.plan is None else answer.plan.matched
        else:
            count = len(answer.letter_ids)
        assert count + left_out == (LETTERS if number % 2 else LETTERS // 2)
        assert {each.why for each in answer.left_out} <= {Why.PLANNED, Why.ASKED_FOR}


async def test_the_second_learns_which_plan_has_them(rows: LedgerRows, migrated_database_url: str) -> None:
    await rows.copy(await rows.add(), LETTERS - 1)
    first, second = await asyncio.gather(ask(migrated_database_url, 1), ask(migrated_database_url, 1))
    assert isinstance(first, NewPlan)
    assert isinstance(second, NewPlan)
    if first.plan is None:
        first, second = second, first
    assert first.plan is not None
    assert (first.plan.matched, second.plan) == (LETTERS, None)
    assert [(each.count, each.because_of) for each in second.left_out] == [(LETTERS, first.plan.plan_id)]


async def test_who_waits_for_no_lock_is_stopped_by_the_index(
    ledger: DeadLetters, rows: LedgerRows, migrated_database_url: str
) -> None:
    """Any other program might write plans: the database lets none of its letters into a second one."""
    letter_id = await rows.add()
    other = await asyncpg.connect(migrated_database_url)
    transaction = other.transaction()
    await transaction.start()
    plan_id = await other.fetchval(
        "INSERT INTO replay_plans (operator, why, filter, groups, matched, dry_run, state, made_at, advanced_at)"
        " VALUES ('x', 'x', '{}', '[]', 1, false, 'running', now(), now()) RETURNING plan_id"
    )
    await other.execute("INSERT INTO replay_plan_items VALUES ($1, 1, $2, 'planned')", plan_id, letter_id)
    asking = asyncio.create_task(ledger.plan_replay(LetterFilter(), operator="ann", why="at once"))
    await waiting(rows, 1)
    await transaction.commit()
    await other.close()
    with pytest.raises(LedgerRefused, match="somebody else asked for some of these letters"):
        await asking
    assert await rows.deeds() == []
    assert (await ledger.letter(letter_id)).running_plan_id == plan_id


async def test_a_request_of_a_worker_at_this_moment_is_no_error(
    ledger: DeadLetters, rows: LedgerRows, migrated_database_url: str
) -> None:
    letter_id = await rows.add()
    other = await asyncpg.connect(migrated_database_url)
    transaction = other.transaction()
    await transaction.start()
    await other.execute(
        "INSERT INTO dead_letter_requests (letter_id, partition, action, operator, why, requested_at)"
        " VALUES ($1, 0, 'replay', 'x', 'x', now())",
        letter_id,
    )
    asking = asyncio.create_task(ledger.skip(LetterFilter(), operator="ann", why="rubbish"))
    await waiting(rows, 1)
    await transaction.commit()
    await other.close()
    asked = await asking
    assert (asked.letter_ids, [each.why for each in asked.left_out]) == ((), [Why.ASKED_FOR])
    assert await rows.deeds() == []


async def test_a_connection_that_dies_while_it_asks_leaves_nothing(
    ledger: DeadLetters, rows: LedgerRows, migrated_database_url: str
) -> None:
    await rows.add()
    async with nobody_may_ask(migrated_database_url):
        asking = asyncio.create_task(ask(migrated_database_url, 1))
        await rows.connection.execute("SELECT pg_terminate_backend($1)", (await waiting(rows, 1))[0])
        with pytest.raises(DatabaseUnavailable):
            await asking
    assert await ledger.plans() == []
    assert await rows.deeds() == []
