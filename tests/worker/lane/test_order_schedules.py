"""Whole orders through lanes, with a misfortune at every single point of the way, and in random order."""

import json
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import pytest

from tests.twins.environment import START
from tests.twins.loop import delivered
from tests.twins.orders import QUEUE, REPLY_TO, ROUTING_KEY, message, purchase, restock
from tests.twins.shop import Shop
from worker.domain.orders import Step
from worker.event_store import LeftHold, OrderRecord, StoreUnavailable
from worker.expiry.order_errands import errands_of, settling_errand
from worker.lane.bundles import Bundler
from worker.lane.orders.errands import LineCommandOut, held_for, line_command_id
from worker.lane.ports import BundleKind, Delivery, PublishFailed

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
    Delivery(b"rubbish\nrubbish", 0, QUEUE, ROUTING_KEY, bundle=BundleKind.TOLD),
    Delivery(b"rubbish\nrubbish", 0, QUEUE, ROUTING_KEY, bundle=BundleKind.ASKED),
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


ORDERS_AT_ONCE = 5
LAST_BUNDLE = 3
"""Asked of the first lines, and of the second; told; and the sales of the first."""
REPETITIONS = 10


def orders_at_once() -> list[Delivery]:
    """Return orders of the same two SKUs that travel together, and can all be sold."""
    placed = [placing(10 + number, f"at-once-{number}", ("A", 1), ("B", 1)) for number in range(ORDERS_AT_ONCE)]
    return [restock(1, 50), restock(2, 50, sku="B"), *placed]


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


async def test_what_batches_ask_of_a_lane_travels_in_one_message_and_so_does_what_comes_home() -> None:
    shop = Shop(orders_at_once())
    await shop.run_to_the_end()
    kinds = [(bundle.kind, len(bundle.body.splitlines())) for bundle in shop.outbox.bundles]
    asked, told = (BundleKind.ASKED, ORDERS_AT_ONCE), (BundleKind.TOLD, ORDERS_AT_ONCE)
    assert kinds == [asked, asked, told, asked]
    _judge_orders_at_once(shop)


@pytest.mark.parametrize("lost", range(LAST_BUNDLE + 1))
async def test_of_a_bundle_that_is_lost_everything_is_asked_again(lost: int) -> None:
    shop = Shop(orders_at_once())

    losses: list[Delivery] = []

    def lose(point: str) -> None:
        bundles = [message for message in shop.queue.messages if message.bundle is not None]
        if point == "acknowledged" and len(shop.outbox.bundles) == lost + 1 and bundles:
            losses.extend(bundles)
            shop.queue.messages.clear()
            shop.send(_asked_by_clock(shop))

    shop.faults.everywhere(lose)
    await shop.run_to_the_end()
    assert len(losses) == 1
    _judge_orders_at_once(shop)


@pytest.mark.parametrize("seed", range(SCHEDULES))
async def test_bundles_that_come_again_at_any_time_change_no_outcome(seed: int) -> None:
    random = Random(seed)
    shop = Shop(orders_at_once())
    repetitions = iter(range(REPETITIONS))

    def repeat(point: str) -> None:
        if point == "take" and shop.outbox.bundles and next(repetitions, None) is not None:
            again = delivered(random.choice(shop.outbox.bundles))
            shop.queue.messages.insert(random.randint(0, len(shop.queue.messages)), again)

    shop.faults.everywhere(repeat)
    await shop.run_to_the_end()
    assert next(repetitions, None) is None
    _judge_orders_at_once(shop)


async def test_a_line_that_cannot_be_decided_harms_no_other_of_its_bundle() -> None:
    placed = [
        placing(10 + number, f"at-once-{number}", ("A", 1), (f"B{number}", 1)) for number in range(ORDERS_AT_ONCE)
    ]
    stocked = [restock(2 + number, 1, sku=f"B{number}") for number in range(ORDERS_AT_ONCE)]
    shop = Shop([restock(1, 50), *stocked, *placed])
    bad = UUID(line_command_id("order:at-once-2", 2, Step.SELL))
    shop.database.refused_commands.add(bad)
    await shop.run_to_the_end()
    statuses = {name: row.status for name, row in shop.database.orders.items()}
    refused = {name for name, status in statuses.items() if status != "sold"}
    assert refused == {"order:at-once-2"}
    (letter,) = shop.outbox.dead_letters
    assert json.loads(letter.delivery.body)["command_id"] == str(bad), "the line alone is set aside"
    assert shop.on_hand("A") == 50 - ORDERS_AT_ONCE + 1
    assert [shop.on_hand(f"B{number}") for number in range(ORDERS_AT_ONCE)] == [0, 0, 1, 0, 0]
    assert all(row.reserved == 0 for row in shop.database.levels.values())


def _asked_by_clock(shop: Shop) -> list[Delivery]:
    """Return what a worker's clock sends for orders and holds that stand still."""
    bundler = Bundler(BundleKind.ASKED, 1)
    for name, row in shop.database.orders.items():
        record = OrderRecord(name, row.version, row.status, row.placed, row.progress)
        if row.status == "pending":
            for errand in errands_of(record, START):
                assert isinstance(errand, LineCommandOut)
                bundler.add(errand.sku, errand.body)
        held = [hold for hold in shop.database.reservations.values() if hold.held]
        for hold in held:
            if row.status != "pending" and held_for(hold.reservation_id)[0] == name:
                settling = settling_errand(LeftHold(hold.reservation_id, record))
                assert settling is not None
                bundler.add(settling.sku, settling.body)
    return [delivered(bundle) for bundle in bundler.bundles()]


def _judge_orders_at_once(shop: Shop) -> None:
    database = shop.database
    assert [row.status for row in database.orders.values()] == ["sold"] * ORDERS_AT_ONCE
    assert not database.placed, "every order is answered"
    left = 50 - ORDERS_AT_ONCE
    assert [(row.on_hand, row.reserved) for row in database.levels.values()] == [(left, 0)] * 2
    bodies: dict[str, set[bytes]] = {}
    for reply in shop.outbox.replies:
        bodies.setdefault(str(reply.correlation_id), set()).add(reply.body)
    assert all(len(copies) == 1 for copies in bodies.values()), "one answer, byte for byte"
    assert len(bodies) == 2 + 4 * ORDERS_AT_ONCE
    assert sum(row.delta for row in database.audit if row.delta < 0) == -2 * ORDERS_AT_ONCE


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
