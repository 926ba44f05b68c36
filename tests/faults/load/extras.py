"""What careless publishers do: duplicates, conflicts, rubbish, and bursts on one hot SKU."""

import json
import random
import re
from collections.abc import Sequence
from uuid import uuid4

from tests.faults.load.checkout import Checkout
from tests.faults.load.orders import Orders
from tests.faults.load.sending import Parcel, Sending
from tests.faults.load.shelf import Shelf

BURST_COMMANDS = 300
REPEATED_COMMANDS = 40
CONFLICTING_COMMANDS = 10


class Extras:
    """Done between the ordinary orders, when asked for by name."""

    def __init__(
        self, shelves: Sequence[Shelf], checkouts: Sequence[Checkout], sending: Sending, publisher: str, seed: str
    ) -> None:
        self._shelves = shelves
        self._places: list[Shelf | Checkout] = [*shelves, *checkouts]
        self._sending = sending
        self._random = random.Random(f"{seed} extras")
        self._sku = f"{publisher}-rubbish"
        self._orders = Orders(self._sku, publisher, f"{seed} rubbish")
        self._right_key = sending.routing_key(self._sku)
        keys = (sending.routing_key(f"other {number}") for number in range(100))
        self._wrong_key = next(key for key in keys if key != self._right_key)

    async def duplicates(self) -> None:
        """Send commands again that the broker has had."""
        for place in self._places:
            known = list(place.confirmed)
            count = min(len(known), REPEATED_COMMANDS // len(self._places) + 1)
            # A copy in the same bytes, or written anew: both are the same command.
            again = [dict(reversed(body.items())) for body in self._random.sample(known, count)]
            if again:
                await place.repeat(again, "again")

    async def conflicts(self) -> None:
        """Send other commands under ids that are taken."""
        for shelf in self._shelves:
            known = [body for body in shelf.confirmed if body["type"] in {"purchase", "restock"}]
            count = min(len(known), CONFLICTING_COMMANDS // len(self._shelves) + 1)
            others = [body | {"quantity": body["quantity"] + 1000} for body in self._random.sample(known, count)]
            if others:
                await shelf.repeat(others, "conflict")

    async def burst(self) -> None:
        """Send hundreds of commands of one SKU in one write."""
        await self._random.choice(self._shelves).order(BURST_COMMANDS, self._random.choice(["purchase", None]))

    async def rubbish(self) -> None:
        """Send what is no command, one of each kind, and one to the wrong partition."""
        bodies = [
            b"\xff\x00 nothing",
            b"{}",
            b"[" * 10_000,
            *(
                json.dumps(self._orders.of("restock") | {name: value}).encode()
                for name, value in (("quantity", "6"), ("quantity", 0), ("colour", "red"), ("sku", "two\nlines"))
            ),
        ]
        parcels = [Parcel(body, self._right_key, "rubbish", self._sku, _name(body)) for body in bodies]
        sound = json.dumps(self._orders.of("restock")).encode()
        misrouted = Parcel(sound, self._wrong_key, "rubbish", self._sku, _name(sound))
        await self._sending.send([*parcels, misrouted])


def _name(body: bytes) -> str:
    """Return the command id in `body`, under which it will be answered; where there is none, one of our own."""
    found = re.search(rb'"command_id": "([^"]+)"', body)
    return found[1].decode() if found else str(uuid4())
