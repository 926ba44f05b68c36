"""What an answer makes of the stock before it, checked against what a lane writes."""

from dataclasses import replace
from random import Random
from typing import get_args

import pytest

from publisher.stock_view.sku_stock import FOLLOWED_TYPES, Level, SkuStock
from schemas.commands import StockCommand
from schemas.results import Outcome, Result, parse_result
from tests.twins.orders import order
from tests.twins.shop import Shop
from worker.lane.ports import Delivery

STOCK = SkuStock(3, {"main": Level(10, 4), "attic": Level(1, 0)})
PURCHASE = Result(
    command_id=None,
    outcome=Outcome.APPLIED,
    type="purchase",
    sku="A",
    location="main",
    quantity=2,
    reason=None,
    message=None,
    on_hand=8,
    reserved=4,
    available=4,
    version=4,
)


def test_the_next_answer_makes_the_next_version() -> None:
    assert STOCK.after(PURCHASE) == SkuStock(4, {"main": Level(8, 4), "attic": Level(1, 0)})


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 3},
        {"version": 5},
        {"version": None},
        {"outcome": Outcome.REJECTED},
        {"type": "of a later release"},
        {"location": None},
        {"on_hand": None},
    ],
    ids=str,
)
def test_what_does_not_tell_the_next_version_makes_none(changes: dict[str, object]) -> None:
    assert STOCK.after(PURCHASE.model_copy(update=changes)) is None


def test_stock_whose_rows_lag_behind_is_not_followed() -> None:
    assert replace(STOCK, whole=False).after(PURCHASE) is None


def test_only_known_commands_are_followed() -> None:
    # `sell_line` is answered to nobody who could have sent it, and followed like the others.
    known = {model.model_fields["type"].default for model in get_args(StockCommand)}
    assert known >= FOLLOWED_TYPES


@pytest.mark.parametrize("seed", range(10))
async def test_following_every_answer_gives_what_the_lane_wrote(seed: int) -> None:
    shop = Shop(_orders(Random(seed)))
    await shop.run_to_the_end()
    stock = SkuStock(0, {})
    for reply in shop.outbox.replies:
        stock = stock.after(parse_result(reply.body)) or stock
    rows = shop.database.levels_of("A")
    assert stock.version == len(shop.database.events_of("A")) > 20
    assert stock.levels == {row.location: Level(row.on_hand, row.reserved) for row in rows}


def _orders(random: Random) -> list[Delivery]:
    return [_order(random, number) for number in range(1, 101)]


def _order(random: Random, number: int) -> Delivery:
    kind = random.choice(["restock", "restock", "purchase", "transfer", "adjust", "reserve", "release", "fulfil"])
    location, other = random.sample(["main", "attic", "shop"], 2)
    reservation_id = f"cart-{random.randrange(number)}"
    match kind:
        case "transfer":
            return order(number, kind, random.randint(1, 5), location=location, to_location=other)
        case "adjust":
            return order(number, kind, None, location=location, set_to=random.randint(0, 9), reason="counted")
        case "reserve":
            return order(number, kind, random.randint(1, 3), location=location, reservation_id=f"cart-{number}")
        case "release" | "fulfil":
            return order(number, kind, None, location=location, reservation_id=reservation_id)
        case _:
            return order(number, kind, random.randint(1, 5), location=location)
