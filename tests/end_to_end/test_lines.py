"""On real servers: what fails holds its SKU, and nothing passes it, whoever asks for what and whenever workers die."""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import pytest

from publisher.dead_letters import DeadLetters, LetterFilter
from schemas.partitions import partition_of
from tests.end_to_end.ailing_worker import ILL
from tests.end_to_end.asking import to_the_end
from tests.end_to_end.listening import Listener, answers
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import LiveShop
from tests.end_to_end.worker_process import WorkerProcess
from worker.lane.dead_letters.suspects import BLIND_LIMIT_ATTEMPTS, CRASH_LIMIT_ATTEMPTS

SKU = "85123A"
FOLLOWERS = 300
"""More than a slice."""
WAIT_SECONDS = 120
POINTS = ["open_letters", "publish", "published", "settle", "settled"]
"""The steps of a lane that decides letters: reading them, sending the answers, writing what became of them."""
OPERATOR, WHY = "night shift", "the bug is mended"


async def ailing(shop: LiveShop, illness: str, point: str = "") -> WorkerProcess:
    return await shop.start_worker((sys.executable, "-m", "tests.end_to_end.ailing_worker", illness, point))


async def _hold(shop: LiveShop) -> list[dict[str, Any]]:
    """Let a command fail, with others about its SKU and another one's behind it; return those about its SKU."""
    ill = command("restock", SKU, 10, reason=ILL)
    about_sku = [command("restock", SKU, 5), ill, *(command("purchase", SKU, 1) for _ in range(FOLLOWERS))]
    other = command("restock", _neighbour(shop), 1)
    worker = await ailing(shop, "fails")
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await asyncio.gather(*(publisher.send(fields) for fields in [*about_sku[:2], other]))
        await listener.answers_to({ill["command_id"]})
        for fields in about_sku[2:]:
            await publisher.send(fields)
        await listener.answers_to({fields["command_id"] for fields in [*about_sku, other]})
        reasons = {name: json.loads(bodies[-1])["reason"] for name, bodies in listener.bodies_by_id.items()}
    assert [reasons[fields["command_id"]] for fields in about_sku[:3]] == [None, "failed", "held"]
    assert reasons[other["command_id"]] is None
    assert await worker.terminate() == 0
    return about_sku


def _neighbour(shop: LiveShop) -> str:
    """Return another SKU of the same partition."""
    home = partition_of(SKU, shop.partition_count)
    return next(f"N{number}" for number in range(100) if partition_of(f"N{number}", shop.partition_count) == home)


async def _resolved(shop: LiveShop) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while await shop.rows("SELECT FROM holds UNION ALL SELECT FROM dead_letter_requests"):
            """Asking takes as long as a pause would."""


async def _decided(shop: LiveShop) -> list[UUID]:
    """Return the commands about the SKU, in the order in which they were decided."""
    rows = await shop.rows("SELECT command_id FROM commands WHERE answer ->> 'sku' = $1 ORDER BY sequence", SKU)
    return [row["command_id"] for row in rows]


def _ids(commands: list[dict[str, Any]]) -> list[UUID]:
    return [UUID(fields["command_id"]) for fields in commands]


async def _dies_then_another(shop: LiveShop, point: str) -> None:
    dying = await shop.launch_worker((sys.executable, "-m", "tests.end_to_end.ailing_worker", "step", point))
    assert await dying.ended() == -signal.SIGKILL
    await shop.start_worker()


@pytest.mark.parametrize("point", POINTS)
async def test_a_replay_keeps_the_order_also_when_its_worker_dies(shop: LiveShop, point: str) -> None:
    commands = await _hold(shop)
    async with DeadLetters(shop.database_url) as ledger:
        await ledger.plan_replay(LetterFilter(sku=SKU), operator=OPERATOR, why=WHY)
    new = command("purchase", SKU, 1)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(new)
        await _dies_then_another(shop, point)
        await _resolved(shop)
        waited = {fields["command_id"] for fields in [*commands[1:], new]}
        await listener.until(lambda heard: waited <= _decisions(heard).keys())
    assert await _decided(shop) == _ids([*commands, new])
    assert await shop.on_hand(SKU) == 0
    assert {len(bodies) for bodies in _decisions(listener).values()} == {1}


def _decisions(listener: Listener) -> dict[str, set[bytes]]:
    """Return the different answers to each command that tell how it was decided, by its id."""
    decided = {name: {body for body in bodies if b"dead_lettered" not in body} for name, bodies in _answers(listener)}
    return {name: bodies for name, bodies in decided.items() if bodies}


def _answers(listener: Listener) -> list[tuple[str, list[bytes]]]:
    return list(listener.bodies_by_id.items())


@pytest.mark.parametrize("point", POINTS)
async def test_a_skip_lets_the_others_go_in_their_order_also_when_its_worker_dies(shop: LiveShop, point: str) -> None:
    commands = await _hold(shop)
    async with DeadLetters(shop.database_url) as ledger:
        await ledger.skip(LetterFilter(sku=SKU, reason="failed"), operator=OPERATOR, why=WHY)
    await _dies_then_another(shop, point)
    await _resolved(shop)
    assert await _decided(shop) == _ids(commands)
    (skipped,) = await shop.rows(
        "SELECT answer ->> 'reason' AS reason FROM commands WHERE command_id = $1", _ids(commands)[1]
    )
    assert (skipped["reason"], await shop.on_hand(SKU)) == ("skipped", 0)


@pytest.mark.parametrize("point", POINTS)
async def test_an_edit_takes_the_place_of_the_original_which_never_runs(shop: LiveShop, point: str) -> None:
    commands = await _hold(shop)
    original = commands[1]
    corrected = original | {"quantity": FOLLOWERS, "reason": "corrected"}
    async with DeadLetters(shop.database_url) as ledger:
        (letter,) = [letter async for letter in ledger.letters(LetterFilter(sku=SKU, reason="failed"))]
        await ledger.edit(letter.letter_id, json.dumps(corrected).encode(), operator=OPERATOR, why=WHY)
    await _dies_then_another(shop, point)
    await _resolved(shop)
    assert await _decided(shop) == _ids(commands)
    assert await shop.on_hand(SKU) == 5
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(original)
        await listener.answers_to({original["command_id"]})
    assert listener.bodies[-1]["reason"] == "conflict"


async def test_two_operators_who_replay_the_same_at_once_do_it_once(shop: LiveShop) -> None:
    commands = await _hold(shop)
    await shop.start_worker()

    async def replay() -> int:
        async with DeadLetters(shop.database_url) as ledger:
            made = await ledger.plan_replay(LetterFilter(sku=SKU), operator=OPERATOR, why=WHY)
            return 0 if made.plan is None else made.plan.matched

    assert sorted(await asyncio.gather(*(replay() for _ in range(4)))) == [0, 0, 0, 1]
    await _resolved(shop)
    assert await _decided(shop) == _ids(commands)


async def test_a_message_that_kills_its_worker_is_set_aside_alone(shop: LiveShop) -> None:
    home = partition_of(SKU, shop.partition_count)
    names = [f"S{number}" for number in range(3_000) if partition_of(f"S{number}", shop.partition_count) == home]
    innocent = [command("restock", sku, 1) for sku in names[:400]]
    poison, follower = command("restock", SKU, 1, reason=ILL), command("restock", SKU, 2)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        for fields in [*innocent[:150], poison, follower, *innocent[150:]]:
            await publisher.send(fields)
        deaths = 0
        while await dies(await ailing(shop, "dies"), listener.answers_to({poison["command_id"]})):
            deaths += 1
        await listener.answers_to({fields["command_id"] for fields in innocent})
        reasons = {name: json.loads(bodies[-1])["reason"] for name, bodies in _answers(listener)}
    assert deaths == CRASH_LIMIT_ATTEMPTS + 1
    assert (reasons.pop(poison["command_id"]), reasons.pop(follower["command_id"])) == ("crashed", "held")
    assert set(reasons.values()) == {None}
    assert (await shop.rows("SELECT count(*) AS units FROM stock_levels WHERE on_hand = 1"))[0]["units"] == 400
    await shop.until_forgotten()


async def test_what_was_applied_before_it_killed_its_worker_is_never_answered_otherwise(shop: LiveShop) -> None:
    poison, other = command("restock", ILL, 1), command("restock", SKU, 2)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(poison)
        await publisher.send(other)
        deaths = 0
        while await dies(await ailing(shop, "mute"), _filed(shop)):
            deaths += 1
        await listener.answers_to({other["command_id"]})
        assert poison["command_id"] not in listener.bodies_by_id
        await shop.workers[-1].kill()
        await shop.start_worker()
        async with DeadLetters(shop.database_url) as ledger:
            await ledger.plan_replay(LetterFilter(reason="crashed"), operator=OPERATOR, why=WHY)
        await listener.answers_to({poison["command_id"]})
    assert deaths == BLIND_LIMIT_ATTEMPTS + 1
    assert {json.loads(body)["outcome"] for body in listener.bodies_by_id[poison["command_id"]]} == {"applied"}
    assert (await shop.on_hand(ILL), await shop.on_hand(SKU)) == (1, 2)


async def _filed(shop: LiveShop) -> None:
    while not await to_the_end(shop.rows("SELECT FROM dead_letters")):
        """Asking takes as long as a pause would."""


async def dies(worker: WorkerProcess, done: Coroutine[Any, Any, None]) -> bool:
    """Return whether the worker dies before it is `done` with what kills it."""
    ended, finished = asyncio.create_task(worker.ended()), asyncio.create_task(done)
    await asyncio.wait({ended, finished}, return_when=asyncio.FIRST_COMPLETED)
    for task in (ended, finished):
        task.cancel()
    await asyncio.gather(ended, finished, return_exceptions=True)
    return finished.cancelled()
