"""Splits what is to be forwarded so that no refusal can turn it round.

The broker may refuse one message and take the next, on the same channel: a queue
that has lost its leader refuses until it has another. So no command is sent on
before the one ahead of it, about the same SKU, is confirmed.
"""

from collections import Counter
from collections.abc import Iterable

from worker.lane.ports import Delivery


def rounds(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """Return `deliveries` in rounds: of one routing key at most one in each, in their order."""
    found: list[list[Delivery]] = []
    seen: Counter[str] = Counter()
    for delivery in deliveries:
        number = seen[delivery.routing_key]
        seen[delivery.routing_key] += 1
        if number == len(found):
            found.append([])
        found[number].append(delivery)
    return found
