"""The commands that every contender gets: seeded, so that all get the same."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from publisher.broker.messages import OutgoingMessage
from schemas.names import COMMANDS_EXCHANGE
from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_of, partition_routing_key
from schemas.texts import order_aggregate_id

SKU_COUNT = 200
QUANTITY_MOST = 10

PAIRS_PER_PORTION = 5_000
"""So many that a reservation is fulfilled in a later batch than it was made in."""


def sku_name(number: int) -> str:
    return f"SKU-{number:06d}"


def mixed_commands(count: int, seed: int) -> Iterator[OutgoingMessage]:
    """Yield purchases and restocks, half and half, over `SKU_COUNT` SKUs."""
    random = Random(seed)
    for _ in range(count):
        kind = random.choice(("purchase", "restock"))
        sku = sku_name(random.randrange(SKU_COUNT))
        yield command_message(kind, sku, random.randint(1, QUANTITY_MOST), random)


def touching_commands(count: int, sku_count: int, seed: int) -> Iterator[OutgoingMessage]:
    """Yield restocks that touch each of `sku_count` SKUs in turn, then all of them again."""
    random = Random(seed)
    for number in range(count):
        yield command_message("restock", sku_name(number % sku_count), 1, random)


def reserving_commands(pairs: int, seed: int) -> Iterator[OutgoingMessage]:
    """Yield a restock of each SKU, then `pairs` reservations in portions, each portion followed by its fulfilments."""
    random = Random(seed)
    for number in range(SKU_COUNT):
        yield command_message("restock", sku_name(number), pairs, random)
    for first in range(0, pairs, PAIRS_PER_PORTION):
        numbers = range(first, min(first + PAIRS_PER_PORTION, pairs))
        for kind in ("reserve", "fulfil"):
            for number in numbers:
                yield command_message(kind, sku_name(number % SKU_COUNT), 1, random, reservation_id=f"cart-{number}")


def whole_orders(count: int, line_count: int, seed: int) -> Iterator[OutgoingMessage]:
    """Yield a restock of every SKU, then orders of `line_count` SKUs each that can all be sold."""
    random = Random(seed)
    for number in range(SKU_COUNT):
        yield command_message("restock", sku_name(number), QUANTITY_MOST * count, random)
    for number in range(count):
        skus = random.sample(range(SKU_COUNT), line_count)
        lines = {sku_name(sku): random.randint(1, QUANTITY_MOST) for sku in skus}
        yield order_message(str(number), lines, 3600, random)


def command_message(kind: str, sku: str, quantity: int, random: Random, **more: str | int) -> OutgoingMessage:
    """Return a command about a SKU as a client in any language would publish it."""
    return _message(sku, {"type": kind, "sku": sku, "quantity": quantity, **more}, random)


def order_message(order_id: str, units: Mapping[str, int], expires_in: int, random: Random) -> OutgoingMessage:
    """Return a whole order of `units` by SKU, as a client in any language would publish it."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]
    asked = {"type": "place_order", "order_id": order_id, "lines": lines, "expires_in": expires_in}
    return _message(order_aggregate_id(order_id), asked, random)


def _message(aggregate_id: str, asked: dict[str, Any], random: Random) -> OutgoingMessage:
    command_id = str(UUID(int=random.getrandbits(128), version=4))
    body = {**asked, "command_id": command_id, "user": "till-3", "issued_at": datetime.now(UTC).isoformat()}
    return OutgoingMessage(
        COMMANDS_EXCHANGE,
        partition_routing_key(partition_of(aggregate_id, DEFAULT_PARTITION_COUNT)),
        json.dumps(body).encode(),
        correlation_id=command_id,
    )
