"""Clients that ask for something of every partition, steadily, and note when each answer came."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count, pairwise
from uuid import uuid4

from publisher import OrderClient, OrderError
from schemas import Restock
from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_of

INTERVAL_SECONDS = 0.05
"""Between two commands of one partition: the finest gap that can be seen."""

ANSWER_TIMEOUT_SECONDS = 60.0


def one_sku_for_each_partition(partition_count: int = DEFAULT_PARTITION_COUNT) -> dict[int, str]:
    """Return a SKU of each partition."""
    skus: dict[int, str] = {}
    for number in count():
        if len(skus) == partition_count:
            return skus
        sku = f"SKU-{number}"
        skus.setdefault(partition_of(sku, partition_count), sku)
    raise AssertionError("the numbers have no end")


def longest_gap_seconds(moments: Sequence[float], since: float, until: float) -> float:
    """Return the longest time without a moment between `since` and `until`."""
    inside = sorted(moment for moment in moments if since < moment < until)
    return max(later - earlier for earlier, later in pairwise((since, *inside, until)))


class SteadyLoad:
    """What the clients saw, on the clock of `time.monotonic`."""

    def __init__(self, client: OrderClient) -> None:
        self._client = client
        self._requests: set[asyncio.Task[None]] = set()
        self.answered: dict[int, list[float]] = defaultdict(list)
        """When answers came, by partition."""
        self.errors: list[str] = []
        """What a client was told instead of an answer."""

    @classmethod
    @asynccontextmanager
    async def on(cls, amqp_url: str) -> "AsyncIterator[SteadyLoad]":
        """Ask for the length of the block; then wait for the answers that are still to come."""
        async with OrderClient(amqp_url, name="bench", timeout_seconds=ANSWER_TIMEOUT_SECONDS) as client:
            load = cls(client)
            asking = asyncio.create_task(load._ask(one_sku_for_each_partition()))
            try:
                yield load
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                await load._requests_end()

    async def _ask(self, skus: Mapping[int, str]) -> None:
        started, step_seconds = time.monotonic(), INTERVAL_SECONDS / len(skus)
        for number in count():
            await asyncio.sleep(max(0.0, started + number * step_seconds - time.monotonic()))
            partition = number % len(skus)
            request = asyncio.create_task(self._request(partition, skus[partition]))
            self._requests.add(request)
            request.add_done_callback(self._requests.discard)

    async def _request(self, partition: int, sku: str) -> None:
        try:
            await self._client.request(Restock(command_id=uuid4(), sku=sku, quantity=1, user="bench"))
        except OrderError as error:
            self.errors.append(f"{type(error).__name__}: {error}")
        else:
            self.answered[partition].append(time.monotonic())

    async def _requests_end(self) -> None:
        await asyncio.gather(*self._requests)

    async def go_on(self, duration_seconds: float) -> None:
        """Let the clients go on for a while."""
        await asyncio.sleep(duration_seconds)

    def gaps_seconds(self, since: float, until: float) -> dict[int, float]:
        """Return the longest time without an answer between two moments, by partition."""
        return {partition: longest_gap_seconds(moments, since, until) for partition, moments in self.answered.items()}
