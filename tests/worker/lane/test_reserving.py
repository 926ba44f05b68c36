"""Reservations through lanes, with a misfortune at every single point of the way."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from tests.twins.environment import START
from tests.twins.orders import order, purchase, restock
from tests.twins.shop import Shop
from worker.event_store import StoreUnavailable
from worker.lane.ports import Delivery, PublishFailed


def _about(number: int, kind: str, quantity: int | None = None, **more: Any) -> Delivery:
    return order(number, kind, quantity, reservation_id="r", **more)


WORKLOAD = [
    restock(1, 10),
    _about(2, "reserve", 6),
    purchase(3, 5),
    _about(4, "fulfil", 2),
    _about(2, "reserve", 6),
    _about(5, "reserve", 1),
    _about(6, "extend", expires_in=3600),
    _about(7, "expire", expires_at=START.isoformat()),
    _about(8, "release", 1),
    _about(9, "fulfil"),
    _about(10, "release"),
    purchase(11, 1),
]
ENDINGS = {
    1: "applied",
    2: "applied",
    3: "insufficient_stock",
    4: "applied",
    5: "reservation_exists",
    6: "applied",
    7: "not_due",
    8: "applied",
    9: "applied",
    10: "already_fulfilled",
    11: "applied",
}


class Killed(BaseException):
    """The process is gone."""


def _kill(_point: str) -> None:
    raise Killed


def _lose_a_server(point: str) -> None:
    if point in {"claim", "claimed", "load", "loaded", "commit", "committed"}:
        raise StoreUnavailable(point)
    if point in {"publish", "published"}:
        raise PublishFailed(point)


@pytest.mark.parametrize("misfortune", [_kill, _lose_a_server], ids=["kill", "lose_a_server"])
async def test_a_misfortune_at_any_point_changes_no_answer_and_no_row(misfortune: Callable[[str], None]) -> None:
    for unlucky in count():
        shop = Shop(WORKLOAD)
        shop.faults.everywhere(_at(unlucky, misfortune))
        while shop.queue.messages:
            try:
                await shop.run_lane()
            except Killed:
                continue
        _judge(shop)
        if len(shop.faults.passed) <= unlucky:
            assert unlucky > 10
            return


def _at(unlucky: int, misfortune: Callable[[str], None]) -> Callable[[str], None]:
    steps = count()

    def action(point: str) -> None:
        if next(steps) == unlucky:
            misfortune(point)

    return action


def _judge(shop: Shop) -> None:
    bodies: dict[str, set[bytes]] = {}
    for reply in shop.outbox.replies:
        bodies.setdefault(reply.correlation_id or "", set()).add(reply.body)
    assert {len(copies) for copies in bodies.values()} == {1}
    endings = {int(answer["command_id"][-4:], 16): answer["reason"] or answer["outcome"] for answer in shop.answers}
    assert endings == ENDINGS
    level = shop.database.levels["A", "main"]
    assert (level.on_hand, level.reserved) == (4, 0)
    row = shop.database.reservations["A", "r"]
    assert (row.held, row.fulfilled, row.released, row.status) == (0, 5, 1, "fulfilled")
    assert sum(row.delta for row in shop.database.audit) == level.on_hand
    assert sum(row.reserved_delta for row in shop.database.audit) == level.reserved


async def test_a_fulfil_that_waited_until_the_due_time_is_too_late_before_the_expiry_is_written() -> None:
    shop = Shop([restock(1, 10), _about(2, "reserve", 6, expires_in=1)])
    await shop.run_lane()
    shop.environment.pass_time(timedelta(seconds=1))
    expires_at = next(answer["expires_at"] for answer in shop.answers if answer["type"] == "reserve")
    expire = _about(4, "expire", expires_at=expires_at)
    shop.queue.messages.extend([_about(3, "fulfil"), expire, expire, purchase(5, 10), _about(3, "fulfil")])
    await shop.run_lane()
    late, expired, again, sold, repeated = shop.answers[2:]
    assert (late["reason"], late["reserved"]) == ("reservation_expired", 6)
    assert (expired["outcome"], expired["quantity"], expired["available"]) == ("applied", 6, 10)
    assert (again, repeated) == (expired, late)
    assert sold["outcome"] == "applied"
