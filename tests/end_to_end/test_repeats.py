"""Commands that arrive more than once."""

import json
from random import Random
from typing import Any

import pytest

from tests.end_to_end.listening import answers
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import LiveShop

COMMANDS = 60
COPIES = 3


@pytest.mark.parametrize("seed", [1])
async def test_duplicates_shuffled_among_themselves_have_one_effect_and_one_answer(shop: LiveShop, seed: int) -> None:
    random = Random(seed)
    commands = [
        command(random.choice(["restock", "purchase"]), f"SKU-{number % 5}", random.randint(1, 5))
        for number in range(COMMANDS)
    ]
    sendings = commands * COPIES
    random.shuffle(sendings)
    await shop.start_worker()
    await shop.start_worker()
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        for fields in sendings:
            await publisher.send(fields)
        await listener.count(len(sendings))
    assert {len(set(bodies)) for bodies in listener.bodies_by_id.values()} == {1}
    assert {len(bodies) for bodies in listener.bodies_by_id.values()} == {COPIES}
    await _judge_stock(shop, sendings)


async def _judge_stock(shop: LiveShop, sendings: list[dict[str, Any]]) -> None:
    """Compare with a plain fold over what was sent, each command counting where it came first."""
    on_hand = dict.fromkeys({fields["sku"] for fields in sendings}, 0)
    seen = set[str]()
    for fields in sendings:
        delta = fields["quantity"] if fields["type"] == "restock" else -fields["quantity"]
        if fields["command_id"] not in seen and on_hand[fields["sku"]] + delta >= 0:
            on_hand[fields["sku"]] += delta
        seen.add(fields["command_id"])
    for sku, quantity in on_hand.items():
        assert (await shop.on_hand(sku) or 0) == quantity


async def test_an_id_used_for_something_else_is_a_conflict_and_changes_nothing(shop: LiveShop) -> None:
    await shop.start_worker()
    first = command("restock", "85123A", 5)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(first)
        await listener.count(1)
        for fields in ({**first, "quantity": 6}, {**first, "sku": "22423"}, first):
            await publisher.send(fields)
        await listener.count(4)
    outcomes = [(body["outcome"], body["reason"], body["sku"], body["quantity"]) for body in listener.bodies]
    assert sorted(outcomes) == [
        ("applied", None, "85123A", 5),
        ("applied", None, "85123A", 5),
        ("rejected", "conflict", "22423", 5),
        ("rejected", "conflict", "85123A", 6),
    ]
    assert await shop.on_hand("85123A") == 5
    assert await shop.on_hand("22423") is None


async def test_a_refusal_stays_a_refusal_when_stock_has_come(shop: LiveShop) -> None:
    await shop.start_worker()
    early = command("purchase", "85123A", 5)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        for fields in (early, command("restock", "85123A", 5), early):
            await publisher.send(fields)
        await listener.count(3)
    first, _, again = (message.body for message in listener.messages)
    assert first == again
    assert json.loads(again)["reason"] == "insufficient_stock"
    assert await shop.on_hand("85123A") == 5
