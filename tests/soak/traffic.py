"""What customers ask of the shop: a pure function of the seed, without end."""

from collections import deque
from collections.abc import Iterator
from random import Random

from publisher.broker.messages import OutgoingMessage
from tests.bench.workload import command_message, order_message

ACTIVE_SKUS = 2_000
"""What is asked for at any time; the eldest of them are never asked for again."""

FRESH_EVERY_COMMANDS = 10
"""So often a command is about a SKU that nobody has asked for yet."""

OPENING_QUANTITY = 200
ORDER_LINES = 3
ORDER_EXPIRES_IN_SECONDS = 30
HELD_SECONDS = (2, 10)
REMEMBERED_RESERVATIONS = 500
"""Of these, some are fulfilled; the others lapse."""

KINDS = {"purchase": 45, "restock": 25, "reserve": 18, "fulfil": 10, "place_order": 2}
"""Of a hundred commands. An order makes seven answers, and a reservation that lapses one more."""


class Traffic:
    """An endless row of commands."""

    def __init__(self, seed: int, opening_skus: int) -> None:
        """Bring `opening_skus` SKUs into the shop first, so that the workers' memories are full from then on."""
        self._random = Random(seed)
        self._opening_skus = opening_skus
        self._sku_count = 0
        self._number = 0
        self._reservations: deque[tuple[str, str]] = deque(maxlen=REMEMBERED_RESERVATIONS)

    def __iter__(self) -> Iterator[OutgoingMessage]:
        return self

    def __next__(self) -> OutgoingMessage:
        self._number += 1
        if self._number <= self._opening_skus or self._number % FRESH_EVERY_COMMANDS == 1:
            self._sku_count += 1
            return command_message("restock", _name(self._sku_count), OPENING_QUANTITY, self._random)
        (kind,) = self._random.choices(list(KINDS), list(KINDS.values()))
        match kind:
            case "place_order":
                return self._order()
            case "reserve":
                return self._reservation()
            case "fulfil" if self._reservations:
                sku, name = self._reservations.popleft()
                return command_message("fulfil", sku, 1, self._random, reservation_id=name)
            case "restock":
                return command_message("restock", self._sku(), self._random.randint(1, 10), self._random)
            case _:
                return command_message("purchase", self._sku(), self._random.randint(1, 6), self._random)

    def _order(self) -> OutgoingMessage:
        units = {self._sku(): self._random.randint(1, 3) for _ in range(ORDER_LINES)}
        return order_message(f"soak-{self._number}", units, ORDER_EXPIRES_IN_SECONDS, self._random)

    def _reservation(self) -> OutgoingMessage:
        sku, name = self._sku(), f"cart-{self._number}"
        self._reservations.append((sku, name))
        lasts = self._random.randint(*HELD_SECONDS)
        return command_message("reserve", sku, 1, self._random, reservation_id=name, expires_in=lasts)

    def _sku(self) -> str:
        return _name(self._random.randint(max(1, self._sku_count - ACTIVE_SKUS), self._sku_count))


def _name(number: int) -> str:
    return f"SOAK-{number:08d}"
