"""Whole orders whose workers are taken away at the worst moments."""

import asyncio
import signal
from collections import Counter
from random import Random

import pytest

from schemas import OrderResult, PlaceOrder
from tests.end_to_end.ordering import ask, placing, stocked, told
from tests.end_to_end.shop import LiveShop

ORDERS = 200
SKUS = [f"SKU-{number}" for number in range(10)]
OPENING = 100
KILLS = 4

STEPS = 5
"""Of an order of two lines: it is placed, the first is reserved, the last sold, it hears of both, the first is sold."""


@pytest.mark.parametrize("point", ["committed", "published"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_a_worker_killed_at_any_step_leaves_an_order_that_completes(
    shop: LiveShop, point: str, step: int
) -> None:
    worker = await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5, "B": 5})
        assert await worker.terminate() == 0  # all is acknowledged: the steps to come are the order's
        dying = await shop.start_dying_worker(point, step)
        asking = asyncio.create_task(ask(client, placing("1700", ("A", 3), ("B", 1))))
        assert await dying.ended() == -signal.SIGKILL
        await shop.start_worker()
        result = await asking
    await shop.until_settled()
    assert result.applied
    assert told(result) == [("A", 3, 3, None), ("B", 1, 1, None)]
    assert await shop.levels("A") == {"main": (2, 0)}
    assert await shop.levels("B") == {"main": (4, 0)}


async def test_200_concurrent_orders_over_killed_workers_are_exact(shop: LiveShop) -> None:
    random = Random(4)
    async with shop.client() as client:
        workers = [await shop.start_worker() for _ in range(3)]
        await stocked(client, dict.fromkeys(SKUS, OPENING))
        orders = [_random_order(random, number) for number in range(ORDERS)]
        asking = [asyncio.create_task(ask(client, order)) for order in orders]
        for kill in range(KILLS):
            await asyncio.wait(asking[kill * ORDERS // (2 * KILLS) :], return_when=asyncio.FIRST_COMPLETED)
            await workers.pop(0).kill()
            workers.append(await shop.start_worker())
        results = await asyncio.gather(*asking)
    await shop.until_settled()
    assert Counter(str(result.outcome) for result in results).keys() == {"applied", "rejected"}
    sold = Counter[str]()
    for result in results:
        sold.update(_units_sold(result))
    for sku in SKUS:
        assert await shop.levels(sku) == {"main": (OPENING - sold[sku], 0)}
        assert sold[sku] <= OPENING


def _random_order(random: Random, number: int) -> PlaceOrder:
    skus = random.sample(SKUS, random.randint(1, 5))
    lines = [(sku, random.randint(1, 5)) for sku in skus]
    return placing(f"order {number}", *lines, allow_partial=random.random() < 0.2)


def _units_sold(result: OrderResult) -> dict[str, int]:
    """Return the units sold by SKU: all or nothing, unless the order allowed less."""
    sold = {line.sku: line.sold for line in result.lines}
    assert any(sold.values()) == result.applied
    return sold
