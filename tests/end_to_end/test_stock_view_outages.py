"""A stock view whose feed, database or workers fail: what it shows is fresh, or said not to be."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from publisher import DatabaseUnavailable, OrderClient, StockReading, StockView
from schemas import Purchase
from tests.end_to_end.reading import read_for
from tests.end_to_end.shop import LiveShop
from tests.end_to_end.worker_process import WorkerProcess
from tests.proxy import Proxy

SKU = "85123A"
PROMISED_SECONDS = 0.1
OUTAGE_SECONDS = 10.0
SERVED_TIMEOUT_SECONDS = 120.0


async def _buy_and_see(client: OrderClient, view: StockView, times: int) -> None:
    """Buy, and find each purchase in the view once the promised time has passed."""
    for _ in range(times):
        result = await client.purchase(SKU, 1, user="till")
        await read_for(view, SKU, PROMISED_SECONDS)
        reading = await view.get(SKU)
        assert (reading.version, reading.available) == (result.version, result.available)


@asynccontextmanager
async def _fed_through_a_proxy(shop: LiveShop) -> AsyncIterator[tuple[Proxy, OrderClient, StockView]]:
    """Give a view whose feed comes through the proxy, beside a worker and a client; there are 100 to buy."""
    await shop.start_worker()
    async with (
        Proxy.to(shop.amqp_url) as proxy,
        shop.client() as client,
        StockView(proxy.url(shop.amqp_url), shop.database_url) as view,
    ):
        await client.restock(SKU, 100, user="warehouse")
        yield proxy, client, view


async def _sell_two_and_die(shop: LiveShop, worker: WorkerProcess, client: OrderClient) -> None:
    """Let a worker take over that commits a purchase, and dies before it publishes that."""
    await worker.terminate()
    await client.send(Purchase(command_id=uuid4(), sku=SKU, quantity=2, user="till"))
    assert await (await shop.start_dying_worker("committed")).ended() == -signal.SIGKILL


TROUBLES: dict[str, Callable[[Proxy], None]] = {
    "cut": Proxy.cut,
    "away": Proxy.refuse,
    "swallowed": Proxy.black_hole,
    "half-open": Proxy.half_open,
    "late": lambda proxy: proxy.delay(0.3),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_purchases_show_in_time_whatever_happens_to_the_feed(
    shop: LiveShop, trouble: Callable[[Proxy], None]
) -> None:
    async with _fed_through_a_proxy(shop) as (proxy, client, view):
        await _buy_and_see(client, view, 2)
        trouble(proxy)
        await _buy_and_see(client, view, 10)
        proxy.delay(0)
        await proxy.heal()
        await _buy_and_see(client, view, 2)


async def test_a_view_without_a_feed_is_kept_up_by_the_database(shop: LiveShop) -> None:
    async with _fed_through_a_proxy(shop) as (proxy, client, view):
        await view.get(SKU)
        async with asyncio.timeout(SERVED_TIMEOUT_SECONDS):
            while view.counters.answers < 1:
                await read_for(view, SKU, 0.01)
            proxy.refuse()
            late_answers = view.counters.late_answers
            result = await client.purchase(SKU, 1, user="till")
            while view.counters.late_answers == late_answers:
                await read_for(view, SKU, 0.01)
        while (reading := view.peek(SKU)) is None:
            await view.get(SKU)  # memory is proven for a moment only
        assert (reading.version, reading.available) == (result.version, 99)
        assert view.counters.answers == 1


async def test_a_commit_shows_in_time_though_its_worker_died_before_it_published(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 5, user="warehouse")
        assert (await view.get(SKU)).available == 5
        await _sell_two_and_die(shop, worker, client)
        assert view.counters.answers <= 1
        await read_for(view, SKU, PROMISED_SECONDS)
        assert (await view.get(SKU)).available == 3
        await shop.start_worker()  # which answers it at last, and that changes nothing
        assert (await client.purchase(SKU, 1, user="till")).available == 2
        await read_for(view, SKU, PROMISED_SECONDS)
        assert (await view.get(SKU)).available == 2


async def test_a_view_without_its_workers_serves_from_memory_again(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    async with StockView(shop.amqp_url, shop.database_url) as view, shop.client() as client:
        await client.restock(SKU, 5, user="warehouse")
        await _sell_two_and_die(shop, worker, client)
        async with asyncio.timeout(SERVED_TIMEOUT_SECONDS):
            while not await _is_served_from_memory(view, available=3):
                """What memory cannot say waits for a look."""


async def _is_served_from_memory(view: StockView, *, available: int) -> bool:
    misses = view.counters.misses
    told = {(await view.get(SKU)).available for _ in range(100)}
    return told == {available} and view.counters.misses == misses


async def test_with_the_database_away_for_10_s_nothing_unproven_is_told(shop: LiveShop) -> None:
    await shop.start_worker()
    async with (
        Proxy.to(shop.database_url) as proxy,
        shop.client() as client,
        StockView(shop.amqp_url, proxy.url(shop.database_url)) as view,
    ):
        await client.restock(SKU, 10_000, user="warehouse")
        await view.get(SKU)
        proxy.refuse()
        end = time.monotonic() + OUTAGE_SECONDS
        while time.monotonic() < end:
            result = await client.purchase(SKU, 1, user="till")
            assert (await _last_known(view, result.version or 0)).available == result.available
            with pytest.raises(DatabaseUnavailable):
                await view.get(SKU)
            assert view.peek(SKU) is None
        await proxy.heal()
        await _until_fresh(view)
        await _buy_and_see(client, view, 3)


async def _last_known(view: StockView, version: int) -> StockReading:
    """Read until the feed has shown `version`: without the database, nothing says that it should have."""
    async with asyncio.timeout(30):
        while True:
            reading = await view.get(SKU, stale_ok=True)
            if reading.version >= version and reading.stale:
                return reading
            await asyncio.sleep(0)


async def _until_fresh(view: StockView) -> None:
    async with asyncio.timeout(30):
        while True:
            reading = await view.get(SKU, stale_ok=True)
            if not reading.stale:
                return
            await asyncio.sleep(0)
