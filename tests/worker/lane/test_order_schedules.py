"""Whole orders through lanes, with a misfortune at every single point of the way, and in random order."""

import json
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest

from tests.twins.orders import QUEUE, REPLY_TO, ROUTING_KEY, message, purchase, restock
from tests.twins.shop import Shop
from worker.event_store import StoreUnavailable
from worker.lane.ports import Delivery, PublishFailed

STORE_POINTS = frozenset(
    {"claim", "claimed", "load", "loaded", "commit", "committed"}
    | {"holds", "count", "file", "filed", "open_letters", "settle", "settled"}
)
OUTBOX_POINTS = frozenset({"send", "publish", "published"})
SCHEDULES = 40
TROUBLED_LANES = 60


def about(number: int, kind: str, order_id: str, **more: Any) -> Delivery:
    """Return a command about a whole order with the id `UUID(int=number)`."""
    fields = {"type": kind, "command_id": str(UUID(int=number)), "order_id": order_id, "user": "till-3", **more}
    return message(json.dumps(fields).encode(), correlation_id=str(UUID(int=number)))


def placing(number: int, order_id: str, *lines: tuple[str, int], **more: Any) -> Delivery:
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    return about(number, "place_order", order_id, lines=wanted, **more)


WORKLOAD = [
    restock(1, 50),
    restock(2, 1, sku="B"),
    placing(3, "sold", ("A", 3), ("B", 1)),
    placing(3, "sold", ("A", 3), ("B", 1)),
    placing(4, "sold", ("A", 1)),
    placing(3, "other", ("A", 1)),
    about(5, "cancel_order", "unknown"),
    placing(6, "cancelled", ("A", 1)),
    about(7, "cancel_order", "cancelled"),
    placing(8, "refused", ("A", 1), ("B", 1)),
    placing(9, "part", ("A", 1), ("B", 1), allow_partial=True),
    purchase(10, 1),
    Delivery(b"rubbish", 0, QUEUE, "order-00.applied.reserve_line.A", reply_to=REPLY_TO),
    Delivery(b"rubbish", 0, QUEUE, ROUTING_KEY, reply_to=REPLY_TO),
]
ENDINGS = {
    1: "applied",
    2: "applied",
    3: "applied",
    4: "order_exists",
    5: "unknown_order",
    6: "order_cancelled",
    7: "applied",
    8: "insufficient_stock",
    9: "applied",
    10: "applied",
}


class Killed(BaseException):
    """The process is gone: nothing of it runs any further."""


def _kill(_point: str) -> None:
    raise Killed


def _lose_a_server(point: str) -> None:
    if point in STORE_POINTS:
        raise StoreUnavailable(point)
    if point in OUTBOX_POINTS:
        raise PublishFailed(point)


MISFORTUNES: list[Callable[[str], None]] = [_kill, _lose_a_server]


async def _run(shop: Shop, *, lanes: int) -> None:
    for _ in range(lanes):
        try:
            await shop.run_lane()
        except Killed:
            continue


async def test_orders_end_as_they_must() -> None:
    shop = Shop(WORKLOAD)
    await shop.run_to_the_end()
    _judge(shop)
    assert shop.observer.isolations == []


@pytest.mark.parametrize("misfortune", MISFORTUNES, ids=["killed", "a server lost"])
async def test_one_misfortune_at_any_point_changes_no_outcome(misfortune: Callable[[str], None]) -> None:
    for unlucky in count():
        shop = Shop(WORKLOAD)
        shop.faults.everywhere(_once(misfortune, unlucky))
        while shop.queue.messages:
            await _run(shop, lanes=1)
        _judge(shop)
        if len(shop.faults.passed) <= unlucky:
            assert unlucky > 30
            return


@pytest.mark.parametrize("seed", range(SCHEDULES))
async def test_any_schedule_of_misfortunes_changes_no_outcome(seed: int) -> None:
    random = Random(seed)
    shop = Shop(WORKLOAD + random.choices(WORKLOAD, k=5))
    shop.faults.everywhere(lambda point: random.choice(MISFORTUNES)(point) if random.random() < 0.1 else None)
    await _run(shop, lanes=TROUBLED_LANES)
    shop.faults.everywhere(None)
    await shop.run_to_the_end()
    _judge(shop)


def _once(misfortune: Callable[[str], None], unlucky: int) -> Callable[[str], None]:
    steps = count()

    def action(point: str) -> None:
        if next(steps) == unlucky:
            misfortune(point)

    return action


def _judge(shop: Shop) -> None:
    database = shop.database
    assert {key: (row.on_hand, row.reserved) for key, row in database.levels.items()} == {
        ("A", "main"): (45, 0),
        ("B", "main"): (0, 0),
    }
    assert not database.placed, "every order is answered"
    statuses = {name: row.status for name, row in database.orders.items()}
    assert statuses == {
        "order:sold": "sold",
        "order:cancelled": "cancelled",
        "order:refused": "refused",
        "order:part": "sold",
    }
    _judge_answers(shop)
    sequences = sorted(sequence for _, sequence, _ in database.commands.values())
    assert sequences == list(range(1, database.partitions[0].sequence + 1))


def _judge_answers(shop: Shop) -> None:
    bodies: dict[int, set[bytes]] = {}
    for reply in shop.outbox.replies:
        answer = json.loads(reply.body)
        if reply.routing_key.startswith("till.") and answer["reason"] not in {"conflict", "invalid"}:
            bodies.setdefault(UUID(answer["command_id"]).int, set()).add(reply.body)
    assert all(len(copies) == 1 for copies in bodies.values()), "one answer, byte for byte"
    endings = {number: json.loads(next(iter(copies))) for number, copies in bodies.items()}
    assert {number: answer["reason"] or answer["outcome"] for number, answer in endings.items()} == ENDINGS
