"""`python -m tests.end_to_end.viewing_application SKU COUNT`: an application that buys, and shows what is there.

It buys single units while readers ask its stock view all the time, and prints as
JSON what its readers saw and what it was answered. Times are of the wall clock,
which the processes of one machine share.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from uuid import uuid4

from publisher import OrderClient, StockView
from schemas import Purchase

READERS = 3


@dataclass(slots=True)
class Seen:
    """What the readers of this application saw, and what it was answered."""

    reads: int = 0
    rises: int = 0
    negatives: int = 0
    backward: int = 0
    on_hand: dict[int, int] = field(default_factory=dict)
    """By version."""
    last_asked: dict[int, float] = field(default_factory=dict)
    """By version: when the last reader asked that was told it."""
    answered: dict[int, float] = field(default_factory=dict)
    """By version: when the answer of the purchase that made it was here."""
    outcomes: dict[str, int] = field(default_factory=dict)


async def read(view: StockView, sku: str, seen: Seen, bought: asyncio.Event) -> None:
    available, version = sys.maxsize, 0
    while not bought.is_set():
        asked = time.time()
        reading = await view.get(sku)
        seen.reads += 1
        seen.rises += reading.available > available
        seen.negatives += reading.available < 0
        seen.backward += reading.version < version
        available, version = reading.available, reading.version
        seen.on_hand[version] = reading.on_hand
        seen.last_asked[version] = max(asked, seen.last_asked.get(version, 0))
        await asyncio.sleep(0)


async def buy(client: OrderClient, sku: str, count: int, seen: Seen) -> None:
    async for answered in client.request_many(_purchases(sku, count)):
        result = answered.result
        seen.outcomes[result.outcome] = seen.outcomes.get(result.outcome, 0) + 1
        if result.applied and result.version is not None:
            seen.answered[result.version] = time.time()


def _purchases(sku: str, count: int) -> Iterator[Purchase]:
    for _ in range(count):
        yield Purchase(command_id=uuid4(), sku=sku, quantity=1, user=f"application {os.getpid()}")


async def main(sku: str, count: int) -> None:
    amqp_url, database_url = os.environ["ORDERS_AMQP_URL"], os.environ["ORDERS_DATABASE_URL"]
    seen, bought = Seen(), asyncio.Event()
    async with (
        StockView(amqp_url, database_url) as view,
        OrderClient(amqp_url, partition_count=int(os.environ["ORDERS_PARTITIONS"])) as client,
    ):
        readers = [asyncio.create_task(read(view, sku, seen, bought)) for _ in range(READERS)]
        await buy(client, sku, count, seen)
        bought.set()
        await asyncio.gather(*readers)
        seen.last_asked.pop((await view.get(sku)).version, None)  # nothing has superseded the last one
    print(json.dumps(asdict(seen)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
