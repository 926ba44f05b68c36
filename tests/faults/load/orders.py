"""What is sent to one shelf: commands of every kind, a pure function of the seed."""

import random
from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import UUID

Body = dict[str, Any]

REMEMBERED_RESERVATIONS = 8
WEIGHTS = {
    "purchase": 6,
    "restock": 3,
    "reserve": 3,
    "fulfil": 1,
    "release": 1,
    "extend": 1,
    "transfer": 1,
    "adjust": 1,
}


class Orders:
    """An endless row of commands for one SKU by one publisher."""

    def __init__(self, sku: str, user: str, seed: str) -> None:
        self._sku = sku
        self._user = user
        self._random = random.Random(seed)
        self._reservations: deque[str] = deque(maxlen=REMEMBERED_RESERVATIONS)
        self._makers: dict[str, Callable[[], Body]] = {
            "purchase": lambda: {"quantity": self._random.randint(1, 12)},
            "restock": lambda: {"quantity": self._random.randint(1, 20)},
            "transfer": lambda: {"quantity": self._random.randint(1, 5), "to_location": "shop"},
            "adjust": self._adjustment,
            "reserve": self._reservation,
            "extend": lambda: {"reservation_id": self._known(), "expires_in": self._random.randint(1, 3)},
            "release": lambda: {"reservation_id": self._known()},
            "fulfil": lambda: {"reservation_id": self._known()},
        }

    def next(self) -> Body:
        """Return the next command's body."""
        (kind,) = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if not self._reservations and kind in {"extend", "release", "fulfil"}:
            kind = "reserve"
        return self.of(kind)

    def of(self, kind: str) -> Body:
        """Return a command of one kind."""
        return {
            "type": kind,
            "command_id": str(UUID(int=self._random.getrandbits(128), version=4)),
            "sku": self._sku,
            "user": self._user,
            **self._makers[kind](),
        }

    def _reservation(self) -> Body:
        name = f"r-{self._random.getrandbits(48):012x}"
        self._reservations.append(name)
        quantity, lasts_seconds = self._random.randint(1, 6), self._random.randint(1, 4)
        return {"reservation_id": name, "quantity": quantity, "expires_in": lasts_seconds}

    def _adjustment(self) -> Body:
        amount = {"set_to": self._random.randint(0, 60)} if self._random.random() < 0.5 else {"difference": -1}
        return {"reason": "count", **amount}

    def _known(self) -> str:
        return self._random.choice(self._reservations)
