"""What others can do to an order whose last line is sold at once; over twins."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.twins.orders import message, restock
from tests.twins.shop import Shop
from tests.worker.lane.misfortunes import Killed
from tests.worker.lane.ordering_shop import SALE, about, answers_to, expiring, judge, ordering_shop, pass_by
from worker.event_store import EventRow
from worker.lane.ports import BundleKind, Delivery

TURNS = 50


def _drawn(kind: str, **more: Any) -> Delivery:
    """Return a command of somebody who has drawn the id of the sale."""
    body = {"type": kind, "command_id": SALE, "user": "thief", "location": "main"} | more
    return message(json.dumps(body).encode(), correlation_id=SALE)


async def _bounded(shop: Shop) -> None:
    turns = 0

    def count(_point: str) -> None:
        nonlocal turns
        turns += _point == "take"
        assert turns < TURNS, "it goes on for ever"

    shop.faults.everywhere(count)
    await shop.run_to_the_end()


@pytest.mark.parametrize(
    "drawn",
    [
        _drawn("purchase", sku="A", quantity=1),
        _drawn("purchase", sku="A", quantity=9),
        _drawn("restock", sku="C", quantity=1),
        _drawn("place_order", order_id="18", lines=[{"sku": "A", "quantity": 1}]),
        _drawn("cancel_order", order_id="18"),
    ],
    ids=["applied", "refused", "restock", "order", "cancel"],
)
async def test_who_draws_the_id_of_the_sale_before_has_the_order_refused(drawn: Delivery) -> None:
    body = json.loads(drawn.body)
    if "sku" not in body:
        body.pop("location")
        drawn = drawn._replace(body=json.dumps(body).encode())
    shop = Shop([drawn])
    await _bounded(shop)
    shop.send(ordering_shop().queue.messages)
    await _bounded(shop)
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert (order["outcome"], order["reason"]) == ("rejected", "conflict")


async def test_an_order_of_a_user_with_a_long_name_ends_like_any_other() -> None:
    lines = [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 2}]
    placing = about(9, "place_order", lines=lines)._replace(user_id="u" * 200)
    shop = Shop([restock(1, 3), restock(2, 3, sku="B"), placing])
    await _bounded(shop)
    shop.send([expiring(shop)])
    await _bounded(shop)
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert order["reason"] == "order_expired"


async def test_a_sale_whose_answer_cannot_be_told_is_not_asked_for_in_a_circle() -> None:
    shop = ordering_shop()

    def die(_point: str) -> None:
        if UUID(SALE) in shop.database.commands:
            raise Killed

    shop.faults.everywhere(die)
    with pytest.raises(Killed):
        await shop.run_to_the_end()
    version = len(shop.database.events_of("B")) + 1
    foreign = EventRow("B", version, UUID(int=10**9), "StockAdded", "no JSON", None)
    shop.database.events["B", version] = foreign
    await _bounded(shop)
    del shop.database.events["B", version]
    shop.send([expiring(shop)])
    await _bounded(shop)
    (order,) = answers_to(shop, str(UUID(int=9)))
    assert order["outcome"] == "applied"


async def test_nobody_else_can_release_what_is_held_for_an_order() -> None:
    shop = ordering_shop()
    releasing = about(7, "release_line", sku="A", reservation_id="order:17#1")
    pass_by(shop, BundleKind.ASKED, releasing, bundle_number=2)
    await shop.run_to_the_end()
    judge(shop, sold=True)
