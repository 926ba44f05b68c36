"""A view over twins, and the means to let its looks end."""

from collections.abc import AsyncIterator

import pytest

from publisher.stock_view.coherent_stock import CoherentStock
from tests.publisher.stock_view.clock_twin import ClockTwin
from tests.publisher.stock_view.opening import opened
from tests.publisher.stock_view.shop_twin import ShopTwin


@pytest.fixture
def clock() -> ClockTwin:
    return ClockTwin()


@pytest.fixture
def shop(clock: ClockTwin) -> ShopTwin:
    return ShopTwin(clock)


@pytest.fixture
async def view(shop: ShopTwin, clock: ClockTwin) -> AsyncIterator[CoherentStock]:
    view = CoherentStock(shop.feed, shop, clock, capacity_levels=10_000, lifetime_seconds=300)
    await opened(view, shop)
    yield view
    await view.close()
