"""Everything that can go wrong, at every point and in random order, judged by a plain fold.

First each single misfortune at each single point of a run; then seeded schedules
of many. After the trouble the shop is left in peace until its queue is empty,
and then every promise must hold.
"""

import json
from collections.abc import Callable
from itertools import count
from random import Random
from uuid import UUID

import pytest

from tests.twins.faults import Action
from tests.twins.orders import message, order, purchase, restock
from tests.twins.shop import Shop
from worker.event_store import StoreUnavailable
from worker.lane.ports import Delivery, PublishFailed

SCHEDULES = 40
COMMANDS_PER_SCHEDULE = 60
TROUBLED_LANES = 40
STORE_POINTS = frozenset({"claim", "claimed", "load", "loaded", "commit", "committed"})
OUTBOX_POINTS = frozenset({"publish", "published"})

Misfortune = Callable[[Shop, str], None]


class Killed(BaseException):
    """The process is gone: nothing of it runs any further."""


def _close_source(shop: Shop, _point: str) -> None:
    assert shop.source is not None
    shop.source.close()


def _kill(_shop: Shop, _point: str) -> None:
    raise Killed


def _fence(shop: Shop, _point: str) -> None:
    shop.database.partitions[0].epoch += 1


def _fail_server(_shop: Shop, point: str) -> None:
    if point in STORE_POINTS:
        raise StoreUnavailable(point)
    if point in OUTBOX_POINTS:
        raise PublishFailed(point)


MISFORTUNES: list[Misfortune] = [_close_source, _kill, _fence, _fail_server]
WORKLOAD = [
    restock(1, 5),
    purchase(2, 3),
    purchase(3, 3),
    message(b"rubbish"),
    purchase(2, 3),
    purchase(2, 4),
    restock(4, 1, sku="B"),
]


@pytest.mark.parametrize("misfortune", MISFORTUNES, ids=lambda misfortune: misfortune.__name__.strip("_"))
async def test_one_misfortune_at_any_point_changes_no_outcome(misfortune: Misfortune) -> None:
    for unlucky in count():
        shop = Shop(WORKLOAD)
        shop.faults.everywhere(_once(misfortune, shop, unlucky))
        await _run_troubled(shop)
        _judge(shop, WORKLOAD)
        if len(shop.faults.passed) <= unlucky:
            assert unlucky > 10
            return


@pytest.mark.parametrize("seed", range(SCHEDULES))
async def test_any_schedule_of_misfortunes_changes_no_outcome(seed: int) -> None:
    random = Random(seed)
    workload = _random_workload(random)
    shop = Shop(workload)
    shop.faults.everywhere(lambda point: random.choice(MISFORTUNES)(shop, point) if random.random() < 0.15 else None)
    for _ in range(TROUBLED_LANES):
        await _run_troubled_once(shop)
    shop.faults.everywhere(None)
    await shop.run_to_the_end()
    _judge(shop, workload)


def _once(misfortune: Misfortune, shop: Shop, unlucky: int) -> Action:
    steps = count()

    def action(point: str) -> None:
        if next(steps) == unlucky:
            misfortune(shop, point)

    return action


async def _run_troubled(shop: Shop) -> None:
    while shop.queue.messages:
        await _run_troubled_once(shop)


async def _run_troubled_once(shop: Shop) -> None:
    try:
        await shop.run_lane()
    except Killed:
        return


def _random_workload(random: Random) -> list[Delivery]:
    """Return commands with copies of them in between, of which some ask for something else."""
    workload: list[Delivery] = []
    for number in range(1, COMMANDS_PER_SCHEDULE + 1):
        kind, quantity, sku = random.choice(["purchase", "restock"]), random.randint(1, 5), random.choice("ABC")
        copies = random.choice([1, 1, 2, 3])
        workload.extend(order(number, kind, quantity, sku) for _ in range(copies))
        if random.random() < 0.1:
            workload.append(order(number, kind, quantity + 1, sku))
        if random.random() < 0.1:
            workload.append(message(b"rubbish"))
    return workload + random.choices(workload, k=COMMANDS_PER_SCHEDULE)


def _judge(shop: Shop, workload: list[Delivery]) -> None:
    on_hand, outcomes = _fold(workload)
    assert not shop.queue.messages
    assert {sku: shop.on_hand(sku) for sku in on_hand} == on_hand
    _judge_answers(shop, outcomes)
    _judge_rows(shop, on_hand)


def _fold(workload: list[Delivery]) -> tuple[dict[str, int], dict[str, str]]:
    """Return stock by SKU and outcome by command id, as the order of the queue has it."""
    on_hand: dict[str, int] = {}
    outcomes: dict[str, str] = {}
    for delivery in workload:
        if delivery.correlation_id is None:
            continue
        fields = json.loads(delivery.body)
        sku, command_id = fields["sku"], fields["command_id"]
        if command_id in outcomes:
            continue
        delta = fields["quantity"] if fields["type"] == "restock" else -fields["quantity"]
        before = on_hand.setdefault(sku, 0)
        applied = before + delta >= 0
        outcomes[command_id] = "applied" if applied else "rejected"
        on_hand[sku] += delta if applied else 0
    return on_hand, outcomes


def _judge_answers(shop: Shop, outcomes: dict[str, str]) -> None:
    bodies: dict[str, set[bytes]] = {}
    for reply, answer in zip(shop.outbox.replies, shop.answers, strict=True):
        if answer["reason"] not in {"conflict", "invalid"}:
            bodies.setdefault(answer["command_id"], set()).add(reply.body)
    stored = {
        str(command_id): {command.answer.encode()} for command_id, (_, _, command) in shop.database.commands.items()
    }
    assert bodies == stored
    assert {command_id: json.loads(body)["outcome"] for command_id, (body,) in bodies.items()} == outcomes


def _judge_rows(shop: Shop, on_hand: dict[str, int]) -> None:
    database = shop.database
    sequences = sorted(sequence for _, sequence, _ in database.commands.values())
    assert sequences == list(range(1, len(sequences) + 1))
    assert database.partitions[0].sequence == len(sequences)
    balances: dict[str, int] = dict.fromkeys(on_hand, 0)
    for row in sorted(database.audit, key=lambda row: row.version):
        balances[row.sku] += row.delta
        assert row.balance == balances[row.sku] >= 0
        assert database.events[row.sku, row.version].command_id == row.command_id
    assert balances == on_hand
    assert len(database.audit) == len(database.events)
    assert len({row.command_id for row in database.audit}) == len(database.audit)
    assert all(isinstance(row.command_id, UUID) for row in database.audit)
