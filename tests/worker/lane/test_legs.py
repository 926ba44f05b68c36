"""Orders on their way from lane to lane: how far a leg goes, and what comes home from it."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from tests.twins.loop import delivered
from tests.twins.orders import message, restock
from tests.twins.shop import Shop
from tests.worker.lane.held_shop import ask, failing, states
from worker.domain.orders import Step
from worker.lane.orders.errands import LEG_LIMIT_LINES, line_command_id
from worker.lane.ports import BundleKind, Delivery
from worker.ledger import Action

ORDER = "order:17"
SKUS = [f"SKU-{number:02}" for number in range(1, 2 * LEG_LIMIT_LINES + 4)]


def _placing(skus: Sequence[str], **more: Any) -> Delivery:
    lines = [{"sku": sku, "quantity": 2} for sku in skus]
    fields = {"type": "place_order", "command_id": str(UUID(int=99)), "order_id": "17", "user": "till", "lines": lines}
    return message(json.dumps(fields | more).encode(), correlation_id=str(UUID(int=99)))


def _stocked(skus: Sequence[str], units: int = 2) -> list[Delivery]:
    return [restock(number, units, sku=sku) for number, sku in enumerate(skus, 1)]


def _brought_home(shop: Shop) -> list[tuple[int, list[list[Any]]]]:
    told = [json.loads(bundle.body) for bundle in shop.outbox.bundles if bundle.kind is BundleKind.TOLD]
    return [(each["line"], each["answers"]) for each in told]


def _full(answers: list[list[Any]]) -> list[list[Any]]:
    """Return answers with the units that were sold, which are left out while there are none."""
    return [[*answer, 0] if len(answer) < 4 else answer for answer in answers]


def _answer(shop: Shop) -> dict[str, Any]:
    answer, *copies = (each for each in shop.answers if each["type"] == "place_order")
    assert all(copy == answer for copy in copies)
    return answer


async def test_a_long_order_comes_home_once_in_so_many_lines() -> None:
    shop = Shop([*_stocked(SKUS), _placing(SKUS)])
    await shop.run_to_the_end()
    legs = [(line, len(answers)) for line, answers in _brought_home(shop)]
    assert legs == [(1, LEG_LIMIT_LINES), (1 + LEG_LIMIT_LINES, LEG_LIMIT_LINES), (1 + 2 * LEG_LIMIT_LINES, 3)]
    assert _answer(shop)["outcome"] == "applied"
    kinds = [event.event_type for (name, _), event in shop.database.events.items() if name == ORDER]
    assert kinds == ["OrderPlaced", *["LinesAnswered"] * 2, "OrderSold"]
    assert all(shop.on_hand(sku) == 0 for sku in SKUS)


async def test_a_refusal_ends_the_leg_and_the_lines_behind_it_are_not_asked() -> None:
    shop = Shop([*_stocked(["A", "C"]), _placing(["A", "B", "C"])])
    await shop.run_to_the_end()
    ((line, answers),) = _brought_home(shop)
    assert (line, [(held, reason) for held, reason, *_ in answers]) == (1, [(2, None), (0, "insufficient_stock")])
    assert (_answer(shop)["reason"], shop.on_hand("A"), shop.on_hand("C")) == ("insufficient_stock", 2, 2)
    asked = [each["sku"] for each in shop.answers if each["type"] in {"reserve_line", "sell_line"}]
    assert asked == ["A", "B"]
    assert all(row.reserved == 0 for row in shop.database.levels.values())


async def test_with_less_allowed_the_leg_goes_on_behind_a_refusal() -> None:
    shop = Shop([*_stocked(["A", "C"], 1), _placing(["A", "B", "C"], allow_partial=True)])
    await shop.run_to_the_end()
    ((_, answers),) = _brought_home(shop)
    assert [(held, sold) for held, *_, sold in _full(answers)] == [(1, 0), (0, 0), (0, 1)]
    assert [line["sold"] for line in _answer(shop)["lines"]] == [1, 0, 1]


async def test_a_line_that_cannot_be_processed_ends_the_leg_also_where_less_is_allowed() -> None:
    shop = Shop([*_stocked(["A", "B", "C"]), _placing(["A", "B", "C"], allow_partial=True)])
    shop.database.refused_commands.add(UUID(line_command_id(ORDER, 2, Step.RESERVE)))
    await shop.run_to_the_end()
    brought = [(line, [held + sold for held, *_, sold in _full(answers)]) for line, answers in _brought_home(shop)]
    assert brought == [(1, [2, 0]), (3, [2])]
    assert [line["sold"] for line in _answer(shop)["lines"]] == [2, 0, 2]


@pytest.mark.parametrize("kind", ["reserve_line", "sell_line", "release_line", "fulfil_line"])
async def test_nobody_else_can_send_what_orders_ask_of_their_lines(kind: str) -> None:
    shop = Shop([*_stocked(["A", "B"]), _placing(["A", "B"])])
    await shop.run_to_the_end()
    asked = next(bundle for bundle in shop.outbox.bundles if b"reserve_line" in bundle.body)
    forged = json.dumps(json.loads(asked.body) | {"type": kind}).encode()
    alone = Shop([*_stocked(["A", "B"]), message(forged)])
    await alone.run_to_the_end()
    (letter,) = alone.outbox.dead_letters
    assert letter.reason == "invalid"
    assert f"got {kind!r}" in letter.error
    assert (alone.on_hand("A"), alone.outbox.bundles) == (2, [])


async def test_who_draws_the_id_by_which_a_line_is_reserved_has_the_order_refused() -> None:
    drawn = json.dumps(
        {
            "type": "restock",
            "command_id": line_command_id(ORDER, 1, Step.RESERVE),
            "sku": "A",
            "quantity": 2,
            "user": "somebody",
        }
    )
    shop = Shop([*_stocked(["A", "B"]), message(drawn.encode()), _placing(["A", "B"])])
    await shop.run_to_the_end()
    assert (_answer(shop)["outcome"], _answer(shop)["reason"]) == ("rejected", "conflict")
    assert (shop.on_hand("A"), shop.on_hand("B")) == (4, 2)
    assert all(level.reserved == 0 for level in shop.database.levels.values())


async def test_a_line_that_was_answered_before_its_sku_was_held_brings_the_leg_on() -> None:
    shop = Shop([*_stocked(["A", "B"]), _placing(["A", "B"])])
    await shop.run_to_the_end()
    asked, went_on, *_ = shop.outbox.bundles
    shop.send([restock(50, 1, sku="A")])
    failing(shop, 50)
    await shop.run_to_the_end()
    shop.outbox.bundles.clear()
    shop.send([delivered(asked)])
    await shop.run_to_the_end()
    assert shop.outbox.bundles[0] == went_on


async def test_what_workers_wrote_is_not_corrected() -> None:
    shop = Shop([*_stocked(["A", "B"]), _placing(["A", "B"])])
    shop.database.refused_commands.add(UUID(line_command_id(ORDER, 1, Step.RESERVE)))
    await shop.run_to_the_end()
    shop.database.refused_commands.clear()
    (row,) = shop.ledger.letters.values()
    forged = json.loads(row.letter.message.body) | {"heard": [[9, None, None]]}
    await ask(shop, Action.EDIT, corrected_body=json.dumps(forged).encode())
    assert (states(shop), shop.ledger.deeds) == (["held"], [("not_done", 1)])
    await ask(shop, Action.REPLAY)
    assert states(shop) == ["replayed"]
    assert all(level.reserved == 0 for level in shop.database.levels.values())
