"""What others can do to the lines of an order that are held; over twins."""

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

from tests.twins.orders import message
from tests.twins.shop import Shop
from tests.worker.lane.misfortunes import Killed
from tests.worker.lane.test_sales_decide import ORDER, _answers, _before, _judge, _shop
from worker.domain.orders import Step
from worker.lane.orders.errands import line_command_id
from worker.lane.ports import BundleKind, Delivery

LIVES = 8
"""As many workers die as it takes to convict a message, and more."""


def _of_others(command_id: str, kind: str, **more: Any) -> Delivery:
    fields = {"type": kind, "command_id": command_id, "user": "thief"}
    return message(json.dumps(fields | more).encode(), correlation_id=command_id)


def _judge_what_was_told(shop: Shop) -> None:
    (order,) = _answers(shop, str(UUID(int=9)))
    _judge(shop, sold=order["outcome"] == "applied")


async def test_nobody_else_can_release_what_is_held_for_an_order() -> None:
    shop = _shop()
    releasing = _of_others(str(UUID(int=7)), "release_line", sku="A", order_id="17", reservation_id="order:17#1")
    _before(shop, BundleKind.ASKED, releasing, bundle_number=2)
    await shop.run_to_the_end()
    _judge_what_was_told(shop)


async def test_who_draws_the_id_by_which_a_line_is_fulfilled_leaves_nothing_held() -> None:
    shop = _shop()
    drawn = line_command_id(ORDER, 1, Step.FULFIL)
    shop.queue.messages.appendleft(_of_others(drawn, "restock", sku="C", quantity=1))
    await shop.run_to_the_end()
    _judge_what_was_told(shop)


async def test_an_order_whose_ending_kills_workers_is_answered() -> None:
    shop = _shop()
    shop.convicts = True
    cancelling = message(
        json.dumps({"type": "cancel_order", "command_id": str(UUID(int=8)), "order_id": "17", "user": "till"}).encode(),
        correlation_id=str(UUID(int=8)),
    )
    deaths: list[str] = []

    def die(point: str) -> None:
        order, waiting = shop.database.orders.get(ORDER), shop.queue.messages
        if cancelling not in shop.arrived and any(b'"sell_line"' in each.body for each in waiting):
            shop.arrived.append(cancelling)
            waiting.appendleft(cancelling)
        if point == "publish" and order is not None and order.status == "cancelled" and len(deaths) < LIVES:
            deaths.append(point)
            raise Killed

    shop.faults.everywhere(die)
    while len(deaths) < LIVES:
        with suppress(Killed):
            await shop.run_to_the_end()
    await shop.run_to_the_end()
    _judge_what_was_told(shop)
