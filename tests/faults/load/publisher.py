"""`python -m tests.faults.load.publisher NAME SEED FILE`: orders without end, and what it is told on standard input.

burst, duplicates, conflicts, rubbish   see `extras`
finish                                  what has been started is finished, and it ends
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from publisher.broker.sender import Sender
from tests.faults.load.baskets import Baskets
from tests.faults.load.checkout import Checkout
from tests.faults.load.extras import Extras
from tests.faults.load.journal import Journal
from tests.faults.load.orders import Orders
from tests.faults.load.sending import Sending
from tests.faults.load.shelf import Shelf
from tests.faults.load.standard_input import standard_input

OWN_SKUS = 10
SHARED_SKUS = 3
"""Sent to by every publisher."""
THINKING_SECONDS = 0.12
"""On average, after each order to a shelf."""
CHECKOUTS = 2
CHOOSING_SECONDS = 0.25
"""On average, between two whole orders at a checkout."""
HEARTBEAT_SECONDS = 2


class Publisher:
    """One publisher, over one connection."""

    def __init__(self, name: str, seed: str, sending: Sending) -> None:
        self._name = name
        self._seed = seed
        self._sending = sending
        skus = [f"{name}-{number}" for number in range(OWN_SKUS)] + [
            f"shared-{number}" for number in range(SHARED_SKUS)
        ]
        # Every fifth goes through the forwarder; a shared one never, since two ways have no common order.
        self._shelves = [
            self._shelf(sku, by_sku=number % 5 == 4 and number < OWN_SKUS) for number, sku in enumerate(skus)
        ]
        self._checkouts = [
            Checkout(Baskets(skus, name, f"{seed} baskets {number}"), sending, f"{seed} checkout {number}")
            for number in range(CHECKOUTS)
        ]
        self._extras = Extras(self._shelves, self._checkouts, sending, name, seed)
        self._finishing = asyncio.Event()

    def _shelf(self, sku: str, *, by_sku: bool) -> Shelf:
        return Shelf(Orders(sku, self._name, f"{self._seed} {sku}"), self._sending, sku, by_sku=by_sku)

    async def run(self) -> None:
        """Send until told to finish; return when everything that was begun is confirmed."""
        async with asyncio.TaskGroup() as tasks:
            for shelf in self._shelves:
                tasks.create_task(self._serve(shelf, THINKING_SECONDS))
            for checkout in self._checkouts:
                tasks.create_task(self._serve(checkout, CHOOSING_SECONDS))
            async for line in await standard_input():
                if line.strip() == b"finish":
                    break
                tasks.create_task(getattr(self._extras, line.decode().strip())())
            self._finishing.set()

    async def _serve(self, place: Shelf | Checkout, pause_seconds: float) -> None:
        thinking = random.Random()
        while not self._finishing.is_set():
            await place.order()
            await asyncio.sleep(thinking.expovariate(1 / pause_seconds))


async def main(name: str, seed: str, path: Path) -> None:
    """Publish as `name`, and note it in `path`."""
    sender = Sender(os.environ["ORDERS_AMQP_URL"], name=name, heartbeat_seconds=HEARTBEAT_SECONDS)
    with Journal(path) as journal:
        await Publisher(name, seed, Sending(sender, journal, name, int(os.environ["ORDERS_PARTITIONS"]))).run()
    await sender.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
