"""What one would write instead: cache-aside with a time to live; the feed tells which entries to drop."""

import asyncio
from collections.abc import Iterable
from typing import Self

from tests.publisher.stock_view.clock_twin import ClockTwin
from tests.publisher.stock_view.shop_twin import LOCATION, ShopTwin
from tests.publisher.stock_view.truth import Seen

TIME_TO_LIVE_SECONDS = 2.0


class NaiveCache:
    """Look in the cache, else in the database, and keep what that said."""

    def __init__(self, shop: ShopTwin, clock: ClockTwin) -> None:
        self._shop = shop
        self._clock = clock
        self._kept: dict[str, tuple[float, Seen]] = {}
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._following is not None
        self._following.cancel()
        await asyncio.wait([self._following])

    async def get(self, sku: str) -> Seen:
        kept_seconds, seen = self._kept.get(sku, (float("-inf"), None))
        if seen is not None and self._clock.now_seconds() - kept_seconds < TIME_TO_LIVE_SECONDS:
            return seen
        stock = (await self._shop.look([sku], {})).stocks[sku]
        seen = Seen(sku, stock.at(LOCATION).on_hand, stock.version)
        self._kept[sku] = (self._clock.now_seconds(), seen)
        return seen

    async def get_many(self, skus: Iterable[str]) -> dict[str, Seen]:
        return {sku: await self.get(sku) for sku in skus}

    def peek(self, _sku: str) -> None:
        """Know nothing without waiting."""

    def forget(self) -> None:
        self._kept.clear()

    async def _follow(self) -> None:
        while True:
            answer = await self._shop.feed.__anext__()
            self._kept.pop(answer.sku or "", None)
