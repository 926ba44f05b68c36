"""Places whole orders, one after the other, and gives some of them up at once."""

import json
import random
from collections import deque
from collections.abc import Sequence
from zlib import crc32

from tests.faults.load.baskets import Baskets
from tests.faults.load.orders import Body
from tests.faults.load.sending import Parcel, Sending

REMEMBERED_COMMANDS = 100
CANCELLED_SHARE = 0.15
UNHASHED_EVERY_ORDERS = 5
"""So often all about an order goes through the forwarder: only on one way is there a known order."""


class Checkout:
    """Sends whole orders, and what is done about each of them in a known order."""

    def __init__(self, baskets: Baskets, sending: Sending, seed: str) -> None:
        self._baskets = baskets
        self._sending = sending
        self._random = random.Random(seed)
        self.confirmed: deque[Body] = deque(maxlen=REMEMBERED_COMMANDS)
        """The latest commands that the broker has."""

    async def order(self) -> None:
        """Place the next order, and perhaps cancel it."""
        placed = self._baskets.place()
        commands = [placed]
        if self._random.random() < CANCELLED_SHARE:
            commands.append(self._baskets.cancel(placed))
        for body in commands:
            await self._sending.send([self._parcel(body, "command")])
            self.confirmed.append(body)

    async def repeat(self, bodies: Sequence[Body], subject: str) -> None:
        """Send `bodies`, of which each has an id that the broker has had before."""
        await self._sending.send([self._parcel(body, subject) for body in bodies])

    def _parcel(self, body: Body, subject: str) -> Parcel:
        name = f"order:{body['order_id']}"
        is_hashed = crc32(name.encode()) % UNHASHED_EVERY_ORDERS
        key = self._sending.routing_key(name) if is_hashed else name
        return Parcel(json.dumps(body).encode(), key, subject, name, body["command_id"])
