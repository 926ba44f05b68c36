"""Opening a cache over twins, and letting what follows happen."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from publisher import StockReading
from publisher.stock_view.coherent_stock import CoherentStock
from tests.publisher.stock_view.shop_twin import ShopTwin

TURNS = 12
"""Of the loop: what a step sets off has happened by then."""

Opened = TypeVar("Opened")


async def settled() -> None:
    """Let the loop turn until nothing more follows from what was done."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def served(shop: ShopTwin) -> None:
    """Let the look that is under way end, as one that begins now."""
    await settled()
    shop.snapshot()
    shop.answer()
    await settled()


async def opened(subject: AbstractAsyncContextManager[Opened], shop: ShopTwin) -> Opened:
    """Enter `subject`, which may look for that once."""
    entering = asyncio.create_task(subject.__aenter__())
    await served(shop)
    return await entering


async def read(view: CoherentStock, shop: ShopTwin, sku: str = "A") -> StockReading:
    """Read `sku`, for which the database is asked."""
    reading = asyncio.create_task(view.get(sku))
    await served(shop)
    return await reading
