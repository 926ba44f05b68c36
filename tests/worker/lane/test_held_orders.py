"""What an order hears of its lines while it waits, and when it is let go; over twins."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.twins.orders import message, restock
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import ask, failing, states
from worker.event_store import ConcurrencyConflictError, StoreUnavailable
from worker.lane.ports import BundleKind, Delivery
from worker.ledger import Action, LetterState
from worker.ledger.records import Hold


async def test_a_line_reply_is_parked_behind_what_holds_its_order_and_brings_it_on_when_it_is_let_go() -> None:
    shop = await _held_order()
    await _let_go(shop)
    assert states(shop) == ["skipped", "replayed"]
    _judge_sold(shop)


async def test_it_is_known_for_what_a_lane_has_told_and_by_the_command_it_answers() -> None:
    shop = await _held_order()
    parked = shop.ledger.letters[2].letter
    told = json.loads(parked.message.body)
    assert (parked.message.bundle, told["order"], told["line"]) == ("told", "order:17", 1)
    assert parked.message.correlation_id == str(parked.command_id) == told["command_id"]


async def test_a_copy_of_it_from_anybody_is_no_command_and_takes_nobodys_place() -> None:
    shop = await _held_order()
    told = shop.ledger.letters[2].letter.message
    shop.ledger.letters.pop(2)
    shop.ledger.holds["order:17"] = Hold("order:17", 1, 0)
    forged = Delivery(told.body, 0, told.queue, told.routing_key, correlation_id=told.correlation_id)
    shop.send([forged._replace(headers={"orders-bundle": "told"})])
    await shop.run_to_the_end()
    shop.send([forged._replace(bundle=BundleKind.TOLD)])
    await shop.run_to_the_end()
    assert [(row.letter.reason, row.letter.message.bundle) for row in shop.ledger.letters.values()] == [
        ("failed", None),
        ("invalid", None),
        ("held", "told"),
    ]
    await _let_go(shop)
    _judge_sold(shop)


@pytest.mark.parametrize(
    ("point", "misfortune"),
    [
        ("load", StoreUnavailable("away")),
        ("commit", StoreUnavailable("away")),
        ("committed", StoreUnavailable("away")),
        ("commit", ConcurrencyConflictError("another writer")),
        ("settle", StoreUnavailable("away")),
        ("settled", StoreUnavailable("away")),
    ],
)
async def test_it_is_let_go_as_well_through_misfortunes(point: str, misfortune: Exception) -> None:
    shop = await _held_order()
    shop.faults.plan(point, misfortune)
    await _let_go(shop)
    _judge_sold(shop)


async def test_an_order_that_was_placed_before_is_not_given_up_with_a_copy_of_its_command() -> None:
    shop = await _held_order()
    shop.send([_placing()])
    await shop.run_to_the_end()
    await ask(shop, Action.SKIP, 3)
    copy = shop.ledger.letters[3]
    assert (copy.state, copy.outcome, shop.ledger.deeds) == (LetterState.REPLAYED, "accepted", [("not_done", 3)])
    await _let_go(shop)
    assert [row.status for row in shop.database.orders.values()] == ["sold"]


async def _held_order() -> Shop:
    """Return a shop whose order 17 is held by a cancellation that failed; its first line is reserved, and parked."""
    shop = Shop([restock(1, 9), restock(3, 9, sku="B"), _placing(), _about(4, "cancel_order")])
    failing(shop, 4)
    await shop.run_to_the_end()
    assert (states(shop), shop.ledger.holds) == (["held", "parked"], {"order:17": Hold("order:17", 1, 1)})
    return shop


async def _let_go(shop: Shop) -> None:
    shop.database.refused_commands.clear()
    # Not a replay, which would cancel the order.
    await ask(shop, Action.SKIP)
    await shop.run_to_the_end()


def _judge_sold(shop: Shop) -> None:
    assert {name: row.status for name, row in shop.database.orders.items()} == {"order:17": "sold"}
    assert (shop.on_hand("A"), shop.on_hand("B")) == (7, 8)
    assert all(row.reserved == 0 for row in shop.database.levels.values())
    assert shop.ledger.holds == {}
    answers = {(each["outcome"], each["command_id"]) for each in shop.answers if each["type"] == "place_order"}
    assert answers == {("applied", str(UUID(int=2)))}


def _placing() -> Delivery:
    return _about(2, "place_order", lines=[{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}])


def _about(number: int, kind: str, **more: Any) -> Delivery:
    fields = {"type": kind, "command_id": str(UUID(int=number)), "order_id": "17", "user": "till"}
    return message(json.dumps(fields | more).encode(), correlation_id=str(UUID(int=number)))
