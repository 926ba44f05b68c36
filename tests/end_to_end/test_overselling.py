"""Many buyers, little stock."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from random import Random

import pytest

from publisher import OrderClient
from schemas import Result, parse_result
from tests.end_to_end.shop import LiveShop

BUYERS = 4
PURCHASES_PER_BUYER = 2_500


async def test_10_000_purchases_against_100_apply_exactly_100(shop: LiveShop) -> None:
    await shop.start_worker()
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock("85123A", 100, user="warehouse")
    answered = await asyncio.gather(*(_buy(shop, "85123A") for _ in range(BUYERS)))
    results = [result for results in answered for result in results]
    assert Counter((str(result.outcome), result.reason) for result in results) == {
        ("applied", None): 100,
        ("rejected", "insufficient_stock"): 9_900,
    }
    assert len({result.command_id for result in results}) == BUYERS * PURCHASES_PER_BUYER
    # Each version that ever was, in its order: no reader at any instant saw less than nothing.
    assert [row["balance"] for row in await shop.rows("SELECT balance FROM audit_log ORDER BY version")] == [
        *range(100, -1, -1)
    ]
    assert min(result.available or 0 for result in results) == 0


async def test_two_purchases_of_3_against_5_apply_one(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock("85123A", 5, user="warehouse")
        results = await asyncio.gather(*(client.purchase("85123A", 3, user="till") for _ in range(2)))
    assert sorted((str(result.outcome), result.available) for result in results) == [("applied", 2), ("rejected", 2)]
    assert await shop.on_hand("85123A") == 2


async def test_five_buyers_of_3_from_10_leave_1_in_fifty_runs(shop: LiveShop) -> None:
    await shop.start_worker()
    await shop.start_worker()
    async with shop.client() as one, shop.client() as other:
        for run in range(50):
            sku = f"SKU-{run}"
            await one.restock(sku, 10, user="warehouse")
            results = await asyncio.gather(
                *((one if buyer % 2 else other).purchase(sku, 3, user=f"buyer {buyer}") for buyer in range(5))
            )
            assert sorted(str(result.outcome) for result in results) == ["applied"] * 3 + ["rejected"] * 2
            assert min(result.available or 0 for result in results) == 1
    rows = await shop.rows("SELECT on_hand, count(*) FROM stock_levels GROUP BY on_hand")
    assert [tuple(row) for row in rows] == [(1, 50)]


async def test_100_interleaved_additions_and_removals_make_the_exact_sum(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock("85123A", 1_000, user="warehouse")
        moves = [(client.restock if number % 2 else client.purchase, number) for number in range(1, 101)]
        results = await asyncio.gather(*(move("85123A", number, user="till") for move, number in moves))
    assert all(result.applied for result in results)
    assert await shop.on_hand("85123A") == 1_000 + sum(number if number % 2 else -number for number in range(1, 101))


@pytest.mark.parametrize("seed", [1])
async def test_500_concurrent_mixed_tasks_over_10_skus_are_exact(shop: LiveShop, seed: int) -> None:
    random = Random(seed)
    await shop.start_worker()
    await shop.start_worker()
    async with shop.client() as client:
        results = await asyncio.gather(
            *(_move(client, f"SKU-{number % 10}", random.randint(-9, 9) or 1) for number in range(500))
        )
    on_hand = Counter[str]()
    for result in results:
        if result.applied:
            assert result.sku is not None
            assert result.quantity is not None
            on_hand[result.sku] += result.quantity if result.type == "restock" else -result.quantity
    assert {str(result.outcome) for result in results} == {"applied", "rejected"}
    rows = await shop.rows("SELECT sku, on_hand FROM stock_levels")
    assert {row["sku"]: row["on_hand"] for row in rows} == {sku: on_hand[sku] for sku in {row["sku"] for row in rows}}
    assert sum(on_hand.values()) == sum(row["on_hand"] for row in rows)


async def _move(client: OrderClient, sku: str, delta: int) -> Result:
    move = client.restock if delta > 0 else client.purchase
    return await move(sku, abs(delta), user="till", timeout_seconds=60)


async def _buy(shop: LiveShop, sku: str) -> list[Result]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.end_to_end.buyer", sku, str(PURCHASES_PER_BUYER)),
        stdout=PIPE,
        env={**os.environ, "ORDERS_AMQP_URL": shop.amqp_url, "ORDERS_PARTITIONS": str(shop.partition_count)},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [parse_result(line) for line in output.splitlines()]
