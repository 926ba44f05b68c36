"""Whole orders of one publisher, over several SKUs: a pure function of the seed."""

import random
from collections.abc import Sequence
from uuid import UUID

from tests.faults.load.orders import Body

LINES_MOST = 4
QUANTITY_MOST = 4
LASTS_SECONDS = (2, 8)
"""Some are too short for an order that a fault holds up."""
PARTIAL_SHARE = 0.25


class Baskets:
    """An endless row of orders."""

    def __init__(self, skus: Sequence[str], user: str, seed: str) -> None:
        self._skus = skus
        self._user = user
        self._random = random.Random(seed)

    def place(self) -> Body:
        """Return the next order."""
        skus = self._random.sample(self._skus, self._random.randint(1, LINES_MOST))
        lines = [{"sku": sku, "quantity": self._random.randint(1, QUANTITY_MOST)} for sku in skus]
        return {
            "type": "place_order",
            "order_id": f"{self._random.getrandbits(48):012x}",
            "lines": lines,
            "allow_partial": self._random.random() < PARTIAL_SHARE,
            "expires_in": self._random.randint(*LASTS_SECONDS),
            **self._signed(),
        }

    def cancel(self, placed: Body) -> Body:
        """Return what gives an order up."""
        return {"type": "cancel_order", "order_id": placed["order_id"], **self._signed()}

    def _signed(self) -> Body:
        return {"command_id": str(UUID(int=self._random.getrandbits(128), version=4)), "user": self._user}
