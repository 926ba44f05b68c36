"""Whole orders against real servers, with exact numbers."""

import asyncio
from uuid import uuid4

import pytest

from schemas import CancelOrder
from tests.end_to_end.listening import answers
from tests.end_to_end.ordering import ask, placing, stocked, told
from tests.end_to_end.shop import LiveShop


async def test_two_orders_of_3_against_5_sell_one(shop: LiveShop) -> None:
    await shop.start_worker()
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5})
        results = await asyncio.gather(*(ask(client, placing(f"order {number}", ("A", 3))) for number in range(2)))
    await shop.until_settled()
    assert sorted(str(result.outcome) for result in results) == ["applied", "rejected"]
    assert await shop.levels("A") == {"main": (2, 0)}


async def test_five_orders_of_2_against_5_sell_two(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5})
        results = await asyncio.gather(*(ask(client, placing(f"order {number}", ("A", 2))) for number in range(5)))
    await shop.until_settled()
    assert sum(result.applied for result in results) == 2
    assert await shop.levels("A") == {"main": (1, 0)}


async def test_an_order_is_sold_over_several_partitions(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5, "B": 5, "C": 5, "D": 5})
        result = await ask(client, placing("1700", ("D", 1), ("A", 2), ("C", 3), ("A", 1), reason="gift"))
    await shop.until_settled()
    assert result.applied
    assert told(result) == [("A", 3, 3, None), ("C", 3, 3, None), ("D", 1, 1, None)]
    assert {sku: await shop.levels(sku) for sku in "ABCD"} == {
        "A": {"main": (2, 0)},
        "B": {"main": (5, 0)},
        "C": {"main": (2, 0)},
        "D": {"main": (4, 0)},
    }
    rows = await shop.rows(
        """SELECT "user", order_id, reason, sku, delta FROM audit_log WHERE delta < 0 ORDER BY sku"""
    )
    assert [tuple(row) for row in rows] == [
        ("till-3", "1700", "gift", sku, delta) for sku, delta in [("A", -3), ("C", -3), ("D", -1)]
    ]


async def test_an_order_whose_second_line_cannot_be_had_is_refused_and_names_it(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5, "B": 1})
        short = await ask(client, placing("short", ("A", 3), ("B", 2)))
        missing = await ask(client, placing("missing", ("A", 3), ("Z", 1)))
    await shop.until_settled()
    assert told(short) == [("A", 3, 0, None), ("B", 2, 0, "insufficient_stock")]
    assert (short.reason, short.message) == (
        "insufficient_stock",
        "line 2 of 2, B at main: 2 wanted at main, 1 available",
    )
    assert told(missing) == [("A", 3, 0, None), ("Z", 1, 0, "insufficient_stock")]
    assert await shop.levels("A") == {"main": (5, 0)}
    assert await shop.levels("B") == {"main": (1, 0)}


async def test_two_lines_of_one_sku_that_only_fit_one_at_a_time_are_refused(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5})
        result = await ask(client, placing("1700", ("A", 3), ("A", 3)))
    assert told(result) == [("A", 6, 0, "insufficient_stock")]
    assert await shop.levels("A") == {"main": (5, 0)}


async def test_with_allow_partial_what_can_be_had_is_sold(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5, "B": 1})
        some = await ask(client, placing("some", ("A", 3), ("B", 2), ("Z", 1), allow_partial=True))
        none = await ask(client, placing("none", ("Z", 1), ("B", 1), allow_partial=True))
    await shop.until_settled()
    assert some.applied
    assert told(some) == [("A", 3, 3, None), ("B", 2, 1, "insufficient_stock"), ("Z", 1, 0, "insufficient_stock")]
    assert (none.outcome, none.reason) == ("rejected", "insufficient_stock")
    assert told(none) == [("B", 1, 0, "insufficient_stock"), ("Z", 1, 0, "insufficient_stock")]
    assert await shop.levels("A") == {"main": (2, 0)}
    assert await shop.levels("B") == {"main": (0, 0)}


async def test_the_same_command_has_one_effect_and_one_answer(shop: LiveShop) -> None:
    await shop.start_worker()
    order = placing("1700", ("A", 3), ("B", 1))
    async with shop.client() as client, shop.client() as other:
        await stocked(client, {"A": 10, "B": 10})
        first, second = await asyncio.gather(ask(client, order), ask(other, order))
        third = await ask(client, order)
        rival = await ask(client, placing("1700", ("A", 1)))
        conflict = await ask(client, placing("1701", ("A", 3), command_id=order.command_id))
        purchase = await client.purchase("A", 1, user="till", command_id=order.command_id)
    await shop.until_settled()
    assert first == second == third
    assert first.applied
    assert (rival.reason, conflict.reason, purchase.reason) == ("order_exists", "conflict", "conflict")
    assert await shop.levels("A") == {"main": (7, 0)}


async def test_an_order_is_found_by_its_name_as_routing_key(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client, shop.client(hash_on_client=False) as unhashed:
        await stocked(client, {"A": 5})
        assert (await ask(unhashed, placing("1700", ("A", 3)))).applied


async def test_what_cannot_be_cancelled_is_refused_with_a_reason(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5})
        await ask(client, placing("1700", ("A", 3)))
        late = await ask(client, CancelOrder(command_id=uuid4(), order_id="1700", user="till-3"))
        unknown = await ask(client, CancelOrder(command_id=uuid4(), order_id="17", user="till-3"))
    assert (late.reason, late.message) == ("order_completed", "the order is sold")
    assert unknown.reason == "unknown_order"


@pytest.fixture
async def stocked_shop(shop: LiveShop) -> LiveShop:
    """Give a shop at work, with 5 of A and 5 of B."""
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5, "B": 5})
    return shop


async def test_an_order_that_is_due_is_given_up_and_answered(stocked_shop: LiveShop) -> None:
    shop = stocked_shop
    async with shop.client() as client, answers(shop.amqp_url, "-.*.release_line.#") as released:
        async with shop.silent_lane("B"):
            result = await ask(client, placing("1700", ("A", 3), ("B", 1), expires_in=1))
        # What is held of A is given back after the answer; on a busy machine, it may even be held after it.
        await released.answers_about({"A"})
    assert (result.outcome, result.reason) == ("rejected", "order_expired")
    assert told(result) == [("A", 3, 0, None), ("B", 1, 0, None)]
    await shop.until_settled()
    assert await shop.levels("A") == {"main": (5, 0)}
    rows = await shop.rows("SELECT answer ->> 'outcome' FROM commands WHERE answer ->> 'type' = 'expire_order'")
    assert [tuple(row) for row in rows] == [("applied",)]


async def test_a_cancelled_order_gives_everything_back_and_both_are_answered(stocked_shop: LiveShop) -> None:
    shop = stocked_shop
    async with shop.client() as client, answers(shop.amqp_url, "-.*.release_line.#") as released:
        async with shop.silent_lane("B"):
            placed = asyncio.create_task(ask(client, placing("1700", ("A", 3), ("B", 1))))
            while not await shop.rows("SELECT FROM reservations WHERE held > 0"):
                """A is not held yet, and B not asked for. Asking takes as long as a pause would."""
            cancelled = await ask(client, CancelOrder(command_id=uuid4(), order_id="1700", user="till-3"))
            result = await placed
        # Both are answered while B still owes its answer. It then sells nothing, and what was held of A is given back.
        await released.answers_about({"A"})
    assert cancelled.applied
    assert (result.outcome, result.reason) == ("rejected", "order_cancelled")
    await shop.until_settled()
    assert await shop.levels("A") == {"main": (5, 0)}
    assert await shop.levels("B") == {"main": (5, 0)}
    rows = await shop.rows("SELECT answer ->> 'reason' FROM commands WHERE answer ->> 'type' = 'sell_line'")
    assert [tuple(row) for row in rows] == [("order_completed",)]


async def test_an_order_is_sold_or_cancelled_and_never_both(shop: LiveShop) -> None:
    for _ in range(2):
        await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 500, "B": 500})
        orders = [placing(f"order {number}", ("A", 1), ("B", 1)) for number in range(500)]
        ends = [CancelOrder(command_id=uuid4(), order_id=order.order_id, user="till-3") for order in reversed(orders)]
        async with client.request_many(orders) as selling:
            # From the first sale on, the last orders are cancelled while the first are being sold.
            first = await anext(selling)
            ended = {one.command.aggregate_id: one.result async for one in client.request_many(ends)}
            placed = {one.command.aggregate_id: one.result async for one in selling}
    await shop.until_settled()
    placed[first.command.aggregate_id] = first.result
    sold = sum(result.applied for result in placed.values())
    assert {name: result.applied for name, result in placed.items()} == {
        name: not result.applied for name, result in ended.items()
    }
    assert {str(result.reason) for result in ended.values() if not result.applied} == {"order_completed"}
    assert await shop.levels("A") == await shop.levels("B") == {"main": (500 - sold, 0)}
