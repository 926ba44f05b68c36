"""Commands that fail, operators who ask for anything, and lanes that die anywhere: the order of each SKU is kept.

Every command is numbered by its place among all of its SKU. Whatever is decided at last
must have been decided in that order, but for what an operator has moved: nothing.
"""

import json
from collections import defaultdict
from itertools import count
from random import Random
from uuid import UUID

import pytest

from schemas.dead_letters import NUDGE
from tests.twins.faults import Action as FaultAction
from tests.twins.ledger import RequestRow
from tests.twins.orders import message, restock
from tests.twins.shop import Shop
from tests.worker.lane.misfortunes import Killed, close_source, fail_server, fence, kill
from worker.lane.ports import Delivery
from worker.ledger import Action, LetterState

SCHEDULES = 60
PORTIONS = 12
SKUS = "ABC"
MISFORTUNES = [kill, close_source, fence, fail_server]
STEPS_LIMIT = 1_000


async def test_one_misfortune_at_any_point_of_a_release_changes_no_outcome() -> None:
    for misfortune in MISFORTUNES:
        for unlucky in count():
            shop = Shop([restock(number, 1) for number in range(1, 7)])
            shop.database.refused_commands.add(UUID(int=2))
            await shop.run_to_the_end()
            shop.database.refused_commands.clear()
            shop.ledger.requests[1] = RequestRow(Action.REPLAY)
            shop.send([message(NUDGE), restock(7, 1)])
            steps = iter(count())
            shop.faults.passed.clear()
            shop.faults.everywhere(_once(lambda point, m=misfortune, s=shop: m(s, point), steps, unlucky))  # type: ignore[misc]
            await _run_in_peace(shop)
            assert _decided(shop) == list(range(1, 8)), (misfortune.__name__, unlucky)
            assert (shop.ledger.holds, shop.ledger.requests) == ({}, {})
            if len(shop.faults.passed) <= unlucky:
                assert unlucky > 15
                break


@pytest.mark.parametrize("seed", range(SCHEDULES))
async def test_nothing_leapfrogs_under_any_schedule(seed: int) -> None:
    random = Random(seed)
    shop = Shop()
    numbers = count(1)
    for _ in range(PORTIONS):
        shop.send(_commands(random, shop, numbers))
        _operate(random, shop)
        shop.faults.everywhere(_at_random(random, shop))
        try:
            await shop.run_lane()
        except Killed:
            continue
    shop.faults.everywhere(None)
    shop.database.refused_commands.clear()
    await _release_all(shop)
    _judge(shop)


def _commands(random: Random, shop: Shop, numbers: "count[int]") -> list[Delivery]:
    commands = []
    for _ in range(random.randint(1, 6)):
        number = next(numbers)
        if random.random() < 0.15:
            shop.database.refused_commands.add(UUID(int=number))
        command = restock(number, 1, sku=random.choice(SKUS))
        commands.extend([command] * random.choice([1, 1, 1, 2]))
    return commands


def _operate(random: Random, shop: Shop) -> None:
    """Mend some causes, and ask for something about some letters, sensible or not."""
    for command_id in list(shop.database.refused_commands):
        if random.random() < 0.3:
            shop.database.refused_commands.discard(command_id)
    for number, row in shop.ledger.letters.items():
        if number in shop.ledger.requests or random.random() < 0.6:
            continue
        action = random.choice([Action.REPLAY, Action.REPLAY, Action.SKIP, Action.EDIT])
        corrected = _corrected(random, row.letter.message.body) if action is Action.EDIT else None
        shop.ledger.requests[number] = RequestRow(action, corrected_body=corrected)
    shop.send([message(NUDGE)])


def _corrected(random: Random, body: bytes) -> bytes:
    fields = json.loads(body)
    wrong = {"sku": "Z"} if random.random() < 0.2 else {}
    return json.dumps(fields | {"quantity": 5} | wrong).encode()


def _at_random(random: Random, shop: Shop) -> FaultAction:
    def action(point: str) -> None:
        if random.random() < 0.04:
            random.choice(MISFORTUNES)(shop, point)

    return action


def _once(action: FaultAction, steps: "count[int]", unlucky: int) -> FaultAction:
    def at(point: str) -> None:
        if next(steps) == unlucky:
            action(point)

    return at


async def _run_in_peace(shop: Shop) -> None:
    """Let lanes work, and look for requests as the clock of a worker does, until nothing is left to do."""
    for _ in range(STEPS_LIMIT):
        let_go = any(hold.head is None for hold in shop.ledger.holds.values())
        if not shop.queue.messages:
            if not (shop.ledger.requests or let_go):
                return
            shop.send([message(NUDGE)])
        try:
            await shop.run_lane()
        except Killed:
            continue
    raise AssertionError("it does not come to rest")


async def _release_all(shop: Shop) -> None:
    await _run_in_peace(shop)
    while shop.ledger.holds:
        for hold in shop.ledger.holds.values():
            if hold.head is not None:
                shop.ledger.requests[hold.head] = RequestRow(Action.REPLAY)
        await _run_in_peace(shop)


def _decided(shop: Shop) -> list[int]:
    recorded = sorted((sequence, command_id.int) for command_id, (_, sequence, _) in shop.database.commands.items())
    return [number for _, number in recorded]


def _judge(shop: Shop) -> None:
    sent: dict[str, list[int]] = defaultdict(list)
    for delivery in shop.arrived:
        if delivery.body != NUDGE:
            fields = json.loads(delivery.body)
            number = UUID(fields["command_id"]).int
            if number not in sent[fields["sku"]]:
                sent[fields["sku"]].append(number)
    decided: dict[str, list[int]] = defaultdict(list)
    skipped = {row.letter.command_id for row in shop.ledger.letters.values() if row.state is LetterState.SKIPPED}
    for number in _decided(shop):
        answer = json.loads(shop.database.commands[UUID(int=number)][2].answer)
        decided[answer["sku"]].append(number)
        assert (answer["reason"] == "skipped") == (answer["outcome"] == "rejected")
        if answer["reason"] == "skipped":
            skipped.discard(UUID(int=number))
    assert not skipped
    for sku, numbers in sent.items():
        # What was skipped was answered when it was skipped; everything else in its order.
        late = {number for number in numbers if _was_skipped(shop, number)}
        kept = [number for number in numbers if number not in late]
        assert [number for number in decided[sku] if number not in late] == kept
        assert sorted(decided[sku]) == sorted(numbers)
    assert not [row for row in shop.ledger.letters.values() if not row.state.closed and row.place is not None]


def _was_skipped(shop: Shop, number: int) -> bool:
    answer = json.loads(shop.database.commands[UUID(int=number)][2].answer)
    return bool(answer["reason"] == "skipped")
