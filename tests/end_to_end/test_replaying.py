"""Plans and dry runs, carried out by running workers through their deaths."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.end_to_end.ailing_worker import ILL
from tests.end_to_end.asking import to_the_end
from tests.end_to_end.listening import answers
from tests.end_to_end.shop import QUEUE_TIMEOUT_SECONDS, LiveShop
from tests.end_to_end.test_collecting import SKU, expire
from tests.end_to_end.test_lines import ailing, dies
from tests.worker.replay.ledger import Ledger
from worker.replay.attempts import CRASH_LIMIT_ATTEMPTS

LETTERS = 60
RATE_PER_SECOND = 10
"""So slowly that a plan lasts for seconds when its first letter has been replayed."""
FINISHED = "SELECT state = 'finished' FROM replay_plans"


@pytest.fixture
async def ledger(shop: LiveShop) -> AsyncIterator[Ledger]:
    connection = await asyncpg.connect(shop.database_url)
    yield Ledger(connection)
    await connection.close()


async def collected(ledger: Ledger, count: int) -> list[int]:
    """Return so many letters about commands that have expired, each about one more unit; a worker must be at work."""
    await until(ledger, "SELECT count(*) = $1 FROM dead_letters", count)
    rows = await ledger.connection.fetch("SELECT letter_id FROM dead_letters ORDER BY letter_id")
    return [row["letter_id"] for row in rows]


async def until(ledger: Ledger, question: str, *arguments: Any) -> None:
    async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
        while not await to_the_end(ledger.connection.fetchval(question, *arguments)):
            """Asking takes as long as a pause would."""


async def ended(ledger: Ledger, plan_id: int) -> str:
    await until(ledger, "SELECT ended_at IS NOT NULL FROM replay_plans WHERE plan_id = $1", plan_id)
    return str((await ledger.row(plan_id))["state"])


async def test_a_plan_replays_what_has_expired(shop: LiveShop, ledger: Ledger) -> None:
    ids = await expire(shop, LETTERS)
    await shop.start_worker()
    letters = await collected(ledger, LETTERS)
    async with answers(shop.amqp_url, "till.applied.#") as listener:
        plan_id = await ledger.plan(letters, canary=5)
        assert await ended(ledger, plan_id) == "finished"
        await listener.answers_to(ids)
    assert set(await ledger.states(plan_id)) == {"done"}
    assert await shop.on_hand(SKU) == LETTERS
    assert await ledger.connection.fetchval("SELECT count(*) FROM dead_letters WHERE state = 'replayed'") == LETTERS


async def test_a_plan_goes_on_when_the_worker_dies_that_carried_it_out(shop: LiveShop, ledger: Ledger) -> None:
    await expire(shop, LETTERS)
    dying = await shop.start_worker()
    letters = await collected(ledger, LETTERS)
    plan_id = await ledger.plan(letters, rate_per_second=RATE_PER_SECOND)
    await until(ledger, "SELECT count(*) > 0 FROM dead_letters WHERE state = 'replayed'")
    await dying.kill()
    assert (await ledger.row(plan_id))["state"] == "running"
    await shop.start_worker()
    assert await ended(ledger, plan_id) == "finished"
    assert await shop.on_hand(SKU) == LETTERS


async def test_two_workers_finish_several_plans(shop: LiveShop, ledger: Ledger) -> None:
    await expire(shop, LETTERS)
    for _ in range(2):
        await shop.start_worker()
    letters = await collected(ledger, LETTERS)
    plan_ids = [await ledger.plan(letters[start::3], canary=2) for start in range(3)]
    assert [await ended(ledger, plan_id) for plan_id in plan_ids] == ["finished"] * 3
    assert await shop.on_hand(SKU) == LETTERS


async def test_a_letter_that_kills_the_workers_that_foresee_it_is_found(shop: LiveShop, ledger: Ledger) -> None:
    await expire(shop, LETTERS)
    collecting = await shop.start_worker()
    letters = await collected(ledger, LETTERS)
    await collecting.kill()
    await ledger.connection.execute("UPDATE dead_letters SET aggregate_id = $1 WHERE letter_id = $2", ILL, letters[9])
    plan_id = await ledger.plan(letters, dry_run=True)
    deaths = 0
    while await dies(await ailing(shop, "blind"), until(ledger, FINISHED)):
        deaths += 1
    assert deaths == CRASH_LIMIT_ATTEMPTS
    untried = await ledger.connection.fetch("SELECT letter_id FROM replay_plan_items WHERE outcome IS NULL")
    assert [row["letter_id"] for row in untried] == [letters[9]]
    assert await ledger.states(plan_id) == ["forecast"] * LETTERS


async def test_a_dry_run_says_what_would_happen(shop: LiveShop, ledger: Ledger) -> None:
    await expire(shop, LETTERS)
    await shop.start_worker()
    letters = await collected(ledger, LETTERS)
    plan_id = await ledger.plan(letters, dry_run=True)
    assert await ended(ledger, plan_id) == "finished"
    outcomes = await ledger.connection.fetch("SELECT DISTINCT state, outcome FROM replay_plan_items")
    assert [tuple(row) for row in outcomes] == [("forecast", "applied")]
    assert await shop.on_hand(SKU) is None
