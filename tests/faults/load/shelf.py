"""One SKU and one publisher that sends to it, one batch after the other: so the order is known."""

import asyncio
import json
from collections import deque
from collections.abc import Sequence

from tests.faults.load.orders import Body, Orders
from tests.faults.load.sending import Parcel, Sending

REMEMBERED_COMMANDS = 200


class Shelf:
    """Sends the commands of one SKU."""

    def __init__(self, orders: Orders, sending: Sending, sku: str, *, by_sku: bool) -> None:
        """`by_sku`: publish under the SKU, for a worker to forward."""
        self._orders = orders
        self._sending = sending
        self._sku = sku
        self._routing_key = sku if by_sku else sending.routing_key(sku)
        self._turn = asyncio.Lock()
        self.confirmed: deque[Body] = deque(maxlen=REMEMBERED_COMMANDS)
        """The latest commands that the broker has."""

    async def order(self, count: int = 1, kind: str | None = None) -> None:
        """Send the next `count` commands, in one write."""
        async with self._turn:
            bodies = [self._orders.next() if kind is None else self._orders.of(kind) for _ in range(count)]
            await self._sending.send([self.parcel(body, "command") for body in bodies])
            self.confirmed.extend(bodies)

    async def repeat(self, bodies: Sequence[Body], subject: str) -> None:
        """Send `bodies`, of which each has an id that the broker has had before."""
        await self._sending.send([self.parcel(body, subject) for body in bodies])

    def parcel(self, body: Body, subject: str) -> Parcel:
        """Return `body` as a message."""
        return Parcel(json.dumps(body).encode(), self._routing_key, subject, self._sku, body["command_id"])
