"""Ten thousand dead letters of twenty causes, from the shell, while workers are taken away."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from tests.end_to_end.listening import Listener, answers
from tests.end_to_end.shop import LiveShop
from tests.end_to_end.test_lines import ailing
from tests.end_to_end.twenty_causes import (
    BY_HAND,
    CAUSES,
    EXPIRED,
    FAILED,
    FOLLOWERS,
    INVALID,
    LETTERS,
    MISROUTED,
    PARTS,
    TwentyCauses,
)
from tests.publisher.command_line.dead_letter_program import SIGNED, dead_letters, objects
from tests.publisher.command_line.program import Finished

WAIT_SECONDS = 120
SENT_AGAIN = 50
STEP = 150
CANARY = 5
RATE_PER_SECOND = 150

REPLAYED = "SELECT count(*) >= $1 FROM dead_letters WHERE state = 'replayed' AND reason = 'failed'"
QUIET = "SELECT NOT EXISTS (SELECT FROM dead_letter_requests) AND NOT EXISTS (SELECT FROM holds WHERE head IS NULL)"


class Night:
    """The shop, its operator at the shell, and the database to look at what became of it all."""

    def __init__(self, shop: LiveShop, connection: asyncpg.Connection) -> None:
        self.shop = shop
        self._connection = connection

    async def type(self, *arguments: str, exits: int = 0) -> Finished:
        """Type `order-publisher dead-letters ...`."""
        finished = await dead_letters(self.shop.database_url, *arguments)
        assert finished.exit_code == exits, finished
        print(f"$ order-publisher dead-letters {' '.join(arguments)}\n{finished.errors}{finished.output}")
        return finished

    async def until(self, question: str, *arguments: Any) -> None:
        async with asyncio.timeout(WAIT_SECONDS):
            while not await self._connection.fetchval(question, *arguments):
                """Asking takes as long as a pause would."""

    async def rows(self, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._connection.fetch(query, *arguments)]

    async def counted(self, query: str, *arguments: Any) -> Counter[Any]:
        return Counter({tuple(row[:-1]): row[-1] for row in await self.rows(query, *arguments)})

    async def plan(self, plan_id: int) -> dict[str, Any]:
        (told,) = objects(await dead_letters(self.shop.database_url, "plan", "show", str(plan_id), "--json"))
        return dict(told)


@asynccontextmanager
async def night(shop: LiveShop) -> AsyncIterator[Night]:
    connection = await asyncpg.connect(shop.database_url)
    try:
        yield Night(shop, connection)
    finally:
        await connection.close()


@pytest.mark.timeout(600)
async def test_ten_thousand_dead_letters_from_the_first_look_to_the_last(shop: LiveShop) -> None:
    messages = TwentyCauses()
    async with night(shop) as shift, answers(shop.amqp_url, "till.applied.#") as listener:
        await _file(shift, messages)
        await _look(shift)
        await _foresee(shift)
        await _replay_with_interruptions(shift)
        await _give_up(shift)
        await _replay_the_rest(shift, messages)
        await _check_the_record(shift)
        await _check_answers(listener, messages)


async def _file(shift: Night, messages: TwentyCauses) -> None:
    """Let a worker with eight bugs file them all, each once."""
    await messages.expire(shift.shop)
    worker = await ailing(shift.shop, "fails")
    await messages.send(shift.shop)
    await shift.until("SELECT count(*) = $1 FROM dead_letters", LETTERS)
    assert await worker.terminate() == 0


async def _look(shift: Night) -> None:
    told = (await shift.type("groups")).output
    set_aside = LETTERS - FAILED - FOLLOWERS
    assert f"{LETTERS:,} open dead letters: {set_aside:,} set aside, {FAILED:,} held, {FOLLOWERS:,} parked\n" in told
    assert f"{CAUSES} causes\n" in told
    counts = Counter((group["reason"], group["count"]) for group in objects(await shift.type("groups", "--json")))
    assert counts == {
        ("failed", FAILED // len(PARTS)): len(PARTS),
        ("invalid", INVALID // 8): 8,
        ("held", FOLLOWERS): 1,
        ("misrouted", MISROUTED): 1,
        ("expired", EXPIRED): 1,
        ("rejected", BY_HAND): 1,
    }
    assert f"{LETTERS:,} open dead letters" in (await shift.type("list")).output
    listed = [letter["letter_id"] for letter in objects(await shift.type("list", "--json", "--limit", str(LETTERS)))]
    assert listed == sorted(set(listed), reverse=True)
    assert len(listed) == LETTERS


async def _foresee(shift: Night) -> None:
    """Let a mended worker say what a replay of everything would do, and do nothing."""
    worker = await shift.shop.start_worker()
    finished = await shift.type("replay", "--dry-run", *SIGNED)
    assert f"left out: {FOLLOWERS:,} letters: " in finished.errors
    plan = await shift.plan(1)
    forecasts = Counter((item["state"], item["outcome"], item["outcome_reason"]) for item in plan["items"])
    assert forecasts == {
        ("forecast", "applied", None): LETTERS - FOLLOWERS - INVALID,
        ("forecast", "dead_lettered", "invalid"): INVALID,
    }
    followed = Counter(item["message"] for item in plan["items"] if item["outcome"] == "applied")
    assert followed["and 1 parked behind it: 1 applied"] == FOLLOWERS
    assert not await shift.rows("SELECT FROM commands UNION ALL SELECT FROM events UNION ALL SELECT FROM stock_levels")
    assert not await shift.rows("SELECT FROM dead_letters WHERE closed_at IS NOT NULL OR attempts > 1")
    await worker.kill()


async def _replay_with_interruptions(shift: Night) -> None:
    """Replay what failed: canaried, rated, paused, its worker killed twice, resumed, cancelled; then the rest of it."""
    worker = await shift.shop.start_worker()
    pace = ("--canary", str(CANARY), "--rate", str(RATE_PER_SECOND), "--detach")
    assert "plan 2, a replay: running" in (await shift.type("replay", "--reason", "failed", *pace, *SIGNED)).output
    await shift.until(REPLAYED, STEP)
    assert "plan 2, a replay: paused" in (await shift.type("plan", "pause", "2", *SIGNED)).output
    await shift.until(QUIET)
    paused = await _items(shift, 2)
    assert set(paused) == {("planned", None), ("done", "applied")}
    await worker.kill()
    worker = await shift.shop.start_worker()
    assert await _items(shift, 2) == paused
    await shift.type("plan", "resume", "2", *SIGNED)
    await shift.until(REPLAYED, paused["done", "applied"] + STEP)
    await worker.kill()
    assert (await shift.plan(2))["state"] == "running"
    await shift.shop.start_worker()
    await shift.until(REPLAYED, paused["done", "applied"] + 3 * STEP)
    assert "plan 2, a replay: cancelled" in (await shift.type("plan", "cancel", "2", *SIGNED)).output
    await shift.until(QUIET)
    cancelled = await _items(shift, 2)
    told = {f"{cancelled['done', 'applied']:,} applied", f"{cancelled['cancelled', None]:,} not tried"}
    shown = (await shift.type("plan", "show", "2")).output
    assert all(words in shown for words in told)
    assert set(cancelled) == {("cancelled", None), ("done", "applied")}
    assert cancelled.total() == FAILED
    left = cancelled["cancelled", None]
    assert (await shift.counted("SELECT state, count(*) FROM dead_letters WHERE reason = 'failed' GROUP BY state")) == {
        ("replayed",): FAILED - left,
        ("held",): left,
    }
    assert 0 < left < FAILED
    finished = await shift.type("replay", "--reason", "failed", *SIGNED)
    assert "plan 3, a replay: finished" in finished.output
    assert await _items(shift, 3) == {("done", "applied"): left}
    await shift.until(QUIET)


async def _items(shift: Night, plan_id: int) -> Counter[Any]:
    return Counter((item["state"], item["outcome"]) for item in (await shift.plan(plan_id))["items"])


async def _give_up(shift: Night) -> None:
    """Find by a canary that what is invalid stays so, and skip it."""
    finished = await shift.type("replay", "--reason", "invalid", "--canary", "3", *SIGNED, exits=7)
    assert "3 of the first 3 did not succeed" in finished.output
    await shift.type("plan", "cancel", "4", *SIGNED)
    assert await _items(shift, 4) == {("done", "dead_lettered"): 3, ("cancelled", None): INVALID - 3}
    finished = await shift.type("skip", "--reason", "invalid", "--yes", *SIGNED)
    assert finished.output == f"{INVALID:,} of {INVALID:,} dead letters skipped\n"


async def _replay_the_rest(shift: Night, messages: TwentyCauses) -> None:
    """Replay all that is left, of which senders have meanwhile sent some again."""
    again = messages.expired[:SENT_AGAIN]
    async with answers(shift.shop.amqp_url) as listener, shift.shop.publisher() as publisher:
        for fields in again:
            await publisher.send(fields)
        await listener.answers_to({fields["command_id"] for fields in again})
    assert "say --yes" in (await shift.type("replay", *SIGNED, exits=2)).errors
    finished = await shift.type("replay", "--yes", *SIGNED)
    assert "plan 5, a replay: finished" in finished.output
    assert await _items(shift, 5) == {("done", "applied"): MISROUTED + EXPIRED + BY_HAND}
    assert (await shift.type("groups")).output == "no open dead letter lies here\n"


async def _check_the_record(shift: Night) -> None:
    """Every letter's end, and every deed; and one effect of each command."""
    ends = "SELECT reason, state, outcome, attempts, count(*) FROM dead_letters GROUP BY 1, 2, 3, 4"
    assert await shift.counted(ends) == {
        ("failed", "replayed", "applied", 2): FAILED,
        ("held", "replayed", "applied", 1): FOLLOWERS,
        ("invalid", "skipped", None, 1): INVALID - 3,
        ("invalid", "skipped", None, 2): 3,
        ("misrouted", "replayed", "applied", 2): MISROUTED,
        ("expired", "replayed", "applied", 1): EXPIRED,
        ("rejected", "replayed", "applied", 1): BY_HAND,
    }
    deeds = """
        SELECT deeds, operators, count(*)
        FROM (SELECT string_agg(deed, ' ' ORDER BY deed_id) AS deeds, string_agg(DISTINCT operator, ' ') AS operators
              FROM dead_letter_deeds
              WHERE letter_id IS NOT NULL
              GROUP BY letter_id) AS of_letters
        GROUP BY 1, 2
    """
    assert await shift.counted(deeds) == {
        ("replayed", "ann"): LETTERS - INVALID,
        ("asked_skip skipped", "ann"): INVALID - 3,
        ("failed_again asked_skip skipped", "ann"): 3,
    }
    assert await shift.rows(
        "SELECT plan_id, string_agg(deed, ' ' ORDER BY deed_id) FROM dead_letter_deeds WHERE letter_id IS NULL "
        "GROUP BY 1 ORDER BY 1"
    ) == [
        (1, "made_plan"),
        (2, "made_plan paused_plan resumed_plan cancelled_plan"),
        (3, "made_plan"),
        (4, "made_plan paused_plan cancelled_plan"),
        (5, "made_plan"),
    ]
    stock = "SELECT on_hand, version, count(*) FROM stock_levels GROUP BY 1, 2"
    assert await shift.counted(stock) == {(1, 1): LETTERS - INVALID - 2 * FOLLOWERS, (0, 2): FOLLOWERS}
    answered = "SELECT answer ->> 'outcome', count(*) FROM commands GROUP BY 1"
    assert await shift.counted(answered) == {("applied",): LETTERS - INVALID}
    assert await shift.rows("SELECT count(*) FROM events") == [(LETTERS - INVALID,)]
    # A worker killed between settling letters and forgetting that it had begun them leaves a first attempt each.
    assert not await shift.rows("SELECT FROM delivery_attempts WHERE attempts > 1")


async def _check_answers(listener: Listener, messages: TwentyCauses) -> None:
    """Each command has one answer in the end, however often it was sent."""
    ids = {fields["command_id"] for fields in messages.commands}
    await listener.answers_to(ids)
    answered = {json.loads(message.body)["command_id"]: set[bytes]() for message in listener.messages}
    for message in listener.messages:
        answered[json.loads(message.body)["command_id"]].add(message.body)
    assert answered.keys() == ids
    assert {len(bodies) for bodies in answered.values()} == {1}
