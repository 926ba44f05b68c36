"""Stock views beside real applications: what their readers see while others buy."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from typing import Any

import asyncpg

from publisher import StockView
from tests.end_to_end.reading import read_for
from tests.end_to_end.shop import LiveShop
from worker.event_store import EventStore

SKU = "85123A"
APPLICATIONS = 3
PROMISED_SECONDS = 0.1
BRIEF_SECONDS = 5
"""A busy machine needs some of them to look at what is held."""


async def test_10_000_attempts_on_100_units_through_three_applications(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 100, user="warehouse")
    seen = await asyncio.gather(*(_application(shop, count) for count in (3_334, 3_333, 3_333)))
    assert sum((Counter(each["outcomes"]) for each in seen), Counter()) == {"applied": 100, "rejected": 9_900}
    for each in seen:
        assert each["reads"] > 0
        assert (each["rises"], each["negatives"], each["backward"]) == (0, 0, 0)


async def test_every_value_read_was_true_at_some_instant_of_the_last_100_ms(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 100, user="warehouse")
    seen = await asyncio.gather(*(_application(shop, count) for count in (7, 7, 6)))
    answered = {version: moment for each in seen for version, moment in each["answered"].items()}
    assert sorted(map(int, answered)) == list(range(2, 22))
    for each in seen:
        assert (each["rises"], each["negatives"], each["backward"]) == (0, 0, 0)
        assert each["on_hand"] == {version: 101 - int(version) for version in each["on_hand"]}
        for version, asked in each["last_asked"].items():
            superseded = answered.get(str(int(version) + 1))
            assert superseded is None or asked - superseded <= PROMISED_SECONDS


async def test_after_50_minus_5_a_thousand_reads_never_rise(shop: LiveShop) -> None:
    await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 50, user="warehouse")
        result = await client.purchase(SKU, 5, user="till")
        assert (await view.get(SKU, at_least=result.version)).available == 45
        assert {(await view.get(SKU)).available for _ in range(1_000)} == {45}


async def test_every_kind_of_command_is_followed(shop: LiveShop) -> None:
    await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 50, user="till")
        await view.get(SKU)
        await client.transfer(SKU, 20, to_location="attic", user="till")
        await client.reserve(SKU, 5, reservation_id="cart", user="till")
        await client.fulfil(SKU, reservation_id="cart", quantity=2, user="till")
        await client.release(SKU, reservation_id="cart", user="till")
        await client.reserve(SKU, 4, reservation_id="brief", expires_in=BRIEF_SECONDS, user="till")
        last = await client.adjust(SKU, set_to=9, location="attic", reason="counted", user="till")
        attic = await view.get(SKU, "attic", at_least=last.version)
        assert (attic.on_hand, attic.reserved) == (9, 0)
        main = await view.get(SKU)
        assert (main.on_hand, main.reserved, main.available) == (28, 4, 24)
        expired = await view.get(SKU, at_least=(last.version or 0) + 1)  # the workers' own command
        assert (expired.on_hand, expired.reserved) == (28, 0)
        refused = await client.purchase(SKU, 100, location="nowhere", user="till")
        assert (await view.get(SKU, "nowhere", at_least=refused.version)).available == 0


async def test_everything_evicted_at_once_is_found_again(shop: LiveShop) -> None:
    await shop.start_worker()
    skus = [f"SKU-{number}" for number in range(300)]
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await asyncio.gather(*(client.restock(sku, 7, user="warehouse") for sku in skus))
        for _ in range(3):
            readings = await view.get_many(skus)
            assert {reading.available for reading in readings.values()} == {7}
            view.forget()
        assert view.counters.looked_up_skus >= 3 * len(skus)
    async with StockView(shop.amqp_url, shop.database_url, capacity_levels=10) as view:
        readings = await view.get_many(skus)
        assert {reading.available for reading in readings.values()} == {7}
        assert view.counters.evictions >= 290


async def test_what_a_program_appends_without_a_worker_shows_with_the_next_command(shop: LiveShop) -> None:
    await shop.start_worker()
    async with (
        StockView(shop.amqp_url, shop.database_url) as view,
        shop.client() as client,
        asyncpg.create_pool(shop.database_url, min_size=1, max_size=1) as pool,
    ):
        await client.restock(SKU, 50, user="warehouse")
        await view.get(SKU)
        await EventStore(pool).append_event(SKU, "StockRemoved", {"item_id": "main", "quantity": 8})
        result = await client.purchase(SKU, 1, user="till")
        reading = await view.get(SKU, at_least=result.version)
        assert (reading.available, reading.version) == (41, 3)


async def test_what_rebuild_corrects_is_read_again(shop: LiveShop) -> None:
    await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 5, user="warehouse")
        await shop.rows("UPDATE stock_levels SET on_hand = 500")
        assert (await view.get(SKU)).available == 500
        await shop.rebuild()
        await read_for(view, SKU, PROMISED_SECONDS)
        assert (await view.get(SKU)).available == 5


async def _application(shop: LiveShop, count: int) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.end_to_end.viewing_application", SKU, str(count)),
        stdout=PIPE,
        env={
            **os.environ,
            "ORDERS_AMQP_URL": shop.amqp_url,
            "ORDERS_DATABASE_URL": shop.database_url,
            "ORDERS_PARTITIONS": str(shop.partition_count),
        },
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    seen: dict[str, Any] = json.loads(output)
    return seen
