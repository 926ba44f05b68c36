"""Everything that can go wrong, at every point and in random order, judged by a plain model.

First each single misfortune at each single point of a run; then seeded schedules
of many, with reservations that come due at any instant. After the trouble the
shop is left in peace until its queue is empty, and then every promise must hold.
"""

from collections import Counter
from datetime import timedelta
from itertools import count
from random import Random

import pytest

from tests.twins.environment import START
from tests.twins.faults import Action
from tests.twins.orders import message, order, purchase, restock
from tests.twins.shop import Shop
from tests.worker.lane.judging import judge
from tests.worker.lane.misfortunes import MISFORTUNES, Killed, Misfortune, send_due, step_clock
from tests.worker.lane.random_commands import random_commands

SCHEDULES = 55
PORTIONS = 20
COMMANDS_PER_PORTION = 8
LANES_PER_PORTION = 4
DUE_TIME_OF_ALL = timedelta(minutes=5)

WORKLOAD = [
    restock(1, 10),
    purchase(2, 3),
    message(b"rubbish"),
    purchase(2, 3),
    purchase(2, 4),
    order(3, "reserve", 4, reservation_id="r"),
    order(4, "transfer", 4, to_location="attic"),
    order(5, "transfer", 2, to_location="attic"),
    order(6, "adjust", None, reason="counted", set_to=3),
    order(7, "adjust", None, reason="counted", set_to=4),
    order(8, "extend", None, reservation_id="r", expires_in=60),
    order(9, "expire", None, reservation_id="r", expires_at=START.isoformat()),
    order(10, "release", 1, reservation_id="r"),
    order(11, "fulfil", None, reservation_id="r"),
    order(3, "reserve", 4, reservation_id="r"),
    restock(12, 1, sku="B"),
]
POINTS_OF_WORKLOAD = 15
"""At least so many points it passes, each of which is tried."""

_CLOSED = ["unknown_reservation", "reservation_expired", "already_fulfilled", "already_released"]


@pytest.mark.parametrize("misfortune", MISFORTUNES, ids=lambda misfortune: misfortune.__name__)
async def test_one_misfortune_at_any_point_changes_no_outcome(misfortune: Misfortune) -> None:
    for unlucky in count():
        shop = Shop(WORKLOAD)
        shop.faults.everywhere(_once(misfortune, shop, unlucky))
        while shop.queue.messages:
            await _run_troubled(shop)
        judge(shop)
        if len(shop.faults.passed) <= unlucky:
            assert unlucky >= POINTS_OF_WORKLOAD
            return


@pytest.mark.parametrize("seed", range(SCHEDULES))
async def test_any_schedule_of_misfortunes_changes_no_outcome(seed: int) -> None:
    await _run_schedule(seed)


async def test_the_schedules_meet_every_ending_of_every_command() -> None:
    endings: Counter[tuple[str, str]] = Counter()
    for seed in range(SCHEDULES):
        endings += await _run_schedule(seed)
    refusals = {
        "purchase": ["insufficient_stock"],
        "restock": [],
        "transfer": ["insufficient_stock"],
        "adjust": ["below_reserved"],
        "reserve": ["insufficient_stock", "reservation_exists"],
        "expire": ["already_fulfilled", "already_released", "not_due"],
        "extend": _CLOSED,
        "release": [*_CLOSED, "quantity_exceeds_reservation"],
        "fulfil": [*_CLOSED, "quantity_exceeds_reservation"],
    }
    assert set(endings) == {(kind, ending) for kind, reasons in refusals.items() for ending in ["applied", *reasons]}


async def _run_schedule(seed: int) -> Counter[tuple[str, str]]:
    random = Random(seed)
    shop = Shop()
    for portion in range(PORTIONS):
        shop.send(random_commands(random, portion * COMMANDS_PER_PORTION + 1, COMMANDS_PER_PORTION))
        for _ in range(LANES_PER_PORTION):
            step_clock(shop, random)
            send_due(shop, random)
            shop.faults.everywhere(_at_random(random, shop))
            await _run_troubled(shop)
    shop.faults.everywhere(None)
    await shop.run_to_the_end()
    shop.environment.pass_time(DUE_TIME_OF_ALL)
    send_due(shop, random)
    await shop.run_to_the_end()
    assert not any(row.status == "held" and row.expires_at for row in shop.database.reservations.values())
    return judge(shop)


def _at_random(random: Random, shop: Shop) -> Action:
    def action(point: str) -> None:
        if random.random() < 0.05:
            step_clock(shop, random)
        if random.random() < 0.05:
            send_due(shop, random)
        if random.random() < 0.12:
            random.choice(MISFORTUNES)(shop, point)

    return action


def _once(misfortune: Misfortune, shop: Shop, unlucky: int) -> Action:
    steps = count()

    def action(point: str) -> None:
        if next(steps) == unlucky:
            misfortune(shop, point)

    return action


async def _run_troubled(shop: Shop) -> None:
    try:
        await shop.run_lane()
    except Killed:
        return
