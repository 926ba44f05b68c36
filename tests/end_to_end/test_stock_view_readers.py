"""Readers of a real stock view: what they may ask for, how many at once, and how it ends."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from publisher import ClientClosed, DatabaseUnavailable, InvalidInput, StockView
from tests.end_to_end.shop import LiveShop
from tests.proxy import Proxy

SKU = "85123A"
STRANGE_SKUS = ["a.b.#", "*", "Größe 42, rot", "two  words", "'; DROP TABLE events; --", "%s {0} \\", "ß" * 50]
LOFT = "Böden / loft.2"


async def test_a_thousand_readers_at_once_make_one_query(shop: LiveShop) -> None:
    await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 7, user="warehouse")
        readings = await asyncio.gather(*(view.get(SKU) for _ in range(1_000)))
        assert {reading.available for reading in readings} == {7}
        assert (view.counters.misses_unknown, view.counters.looked_up_skus) == (1_000, 1)


async def test_whatever_can_be_sold_can_be_followed(shop: LiveShop) -> None:
    await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await view.get_many(STRANGE_SKUS, LOFT)
        for sku in STRANGE_SKUS:
            await client.restock(sku, 5, location=LOFT, user="warehouse")
            result = await client.purchase(sku, 2, location=LOFT, user="till")
            reading = await view.get(sku, LOFT, at_least=result.version)
            assert (reading.sku, reading.location, reading.available, reading.version) == (sku, LOFT, 3, 2)
            assert (await view.get(sku)).available == 0  # elsewhere


async def test_a_list_may_name_the_same_twice_and_what_nobody_knows(shop: LiveShop) -> None:
    await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 7, user="warehouse")
        readings = await view.get_many([SKU, "never heard of", SKU])
        assert {sku: reading.available for sku, reading in readings.items()} == {SKU: 7, "never heard of": 0}
        assert await view.get_many([]) == {}
        with pytest.raises(InvalidInput):
            await view.get_many([SKU, " no SKU "])


async def test_readers_that_wait_are_told_of_the_end(shop: LiveShop) -> None:
    await shop.start_worker()
    async with Proxy.to(shop.database_url) as proxy:
        view = StockView(shop.amqp_url, proxy.url(shop.database_url))
        async with view:
            await view.get(SKU)
            proxy.black_hole()
            waiting = [asyncio.create_task(view.get(f"SKU-{number}")) for number in range(10)]
            await asyncio.sleep(0)
        for reading in (*waiting, asyncio.create_task(view.get("another"))):
            with pytest.raises(ClientClosed):
                await reading
        await view.close()


async def test_with_both_servers_away_it_raises_or_says_that_it_is_stale(shop: LiveShop) -> None:
    await shop.start_worker()
    async with AsyncExitStack() as stack:
        feed = await stack.enter_async_context(Proxy.to(shop.amqp_url))
        database = await stack.enter_async_context(Proxy.to(shop.database_url))
        view = await stack.enter_async_context(
            StockView(feed.url(shop.amqp_url), database.url(shop.database_url), lifetime_seconds=1_000)
        )
        async with shop.client() as client:
            result = await client.restock(SKU, 7, user="warehouse")
        await view.get(SKU, at_least=result.version)
        feed.refuse()
        database.refuse()
        while view.peek(SKU) is not None:
            """Memory is proven for a moment yet."""
        with pytest.raises(DatabaseUnavailable):
            await view.get(SKU)
        stale = await view.get(SKU, stale_ok=True)
        assert (stale.available, stale.version, stale.stale) == (7, result.version, True)
        with pytest.raises(DatabaseUnavailable):
            await view.get("never read", stale_ok=True)
