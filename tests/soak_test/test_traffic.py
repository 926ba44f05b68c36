"""The customers of a soak: the same for the same seed, over SKUs that come and go."""

import json
from collections import Counter
from itertools import islice
from typing import Any

from schemas.commands import parse_command
from tests.soak.traffic import ACTIVE_SKUS, FRESH_EVERY_COMMANDS, KINDS, Traffic

COUNT = 30_000
OPENING = 100


def _bodies(count: int) -> list[dict[str, Any]]:
    return [json.loads(message.body) for message in islice(Traffic(7, OPENING), count)]


def test_the_same_seed_asks_for_the_same() -> None:
    first, second = (
        [{name: value for name, value in body.items() if name != "issued_at"} for body in _bodies(500)]
        for _ in range(2)
    )
    assert first == second


def test_every_command_is_valid_and_every_kind_comes() -> None:
    kinds = Counter(parse_command(message.body).type for message in islice(Traffic(7, OPENING), 5_000))
    assert kinds.keys() == KINDS.keys()


def test_the_shop_is_filled_first() -> None:
    first = _bodies(OPENING)
    assert {body["type"] for body in first} == {"restock"}
    assert len({body["sku"] for body in first}) == OPENING


def test_skus_come_and_go() -> None:
    bodies = _bodies(COUNT)
    early = {body["sku"] for body in bodies[: COUNT // 6] if "sku" in body}
    late = {body["sku"] for body in bodies[-COUNT // 6 :] if "sku" in body and body["type"] != "fulfil"}
    assert not early & late
    assert len(late) <= ACTIVE_SKUS + COUNT // 6 // FRESH_EVERY_COMMANDS + 1
