import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from publisher import AnswerTimeout, InvalidInput, OrderClient
from publisher.derived_ids import placing_id
from publisher.order_building import Line
from schemas.order_commands import CancelOrder, OrderLine, PlaceOrder
from schemas.reasons import Reason
from schemas.results import OrderResult, Outcome, Result, encode_result, reply_routing_key
from tests.proxy import Proxy
from tests.publisher.answering_twin import PARTITION_COUNT, AnsweringTwin


def sold_of(result: OrderResult) -> list[tuple[str, str, int, int]]:
    return [(line.sku, line.location, line.quantity, line.sold) for line in result.lines]


async def test_an_order_is_sold_with_lines_given_in_any_way(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock |= {("A", "main"): 5, ("B", "shop"): 5, ("C", "main"): 5}
    lines: list[Line] = [("C", 1), ("B", 2, "shop"), OrderLine(sku="A", quantity=3), ("A", 1)]
    result = await client.place_order("1700", lines, user="web", reason="basket")
    assert (result.outcome, result.order_id, result.user) == (Outcome.APPLIED, "1700", "web")
    assert sold_of(result) == [("A", "main", 4, 4), ("B", "shop", 2, 2), ("C", "main", 1, 1)]
    (command,) = twin.received
    assert isinstance(command, PlaceOrder)
    assert (command.reason, command.allow_partial, command.expires_in) == ("basket", False, 30)
    assert command.issued_at is not None


async def test_a_refusal_is_a_result_and_moves_nothing(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    result = await client.place_order("1700", [("A", 1), ("B", 1)], user="web")
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.INSUFFICIENT_STOCK)
    assert [line.reason for line in result.lines] == [None, Reason.INSUFFICIENT_STOCK]
    assert twin.stock["A", "main"] == 5


async def test_what_can_be_had_is_sold_where_that_is_allowed(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    result = await client.place_order("1700", [("A", 7), ("B", 1)], user="web", allow_partial=True)
    assert result.applied
    assert sold_of(result) == [("A", "main", 7, 5), ("B", "main", 1, 0)]


async def test_the_same_order_again_is_the_same_command(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    first = await client.place_order("1700", [("A", 1), ("A", 2)], user="web")
    again = await client.place_order("1700", [("A", 3)], user="web")
    assert first == again
    assert twin.stock["A", "main"] == 2


async def test_the_same_order_with_other_lines_is_a_conflict(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    await client.place_order("1700", [("A", 1)], user="web")
    other = await client.place_order("1700", [("A", 2)], user="web")
    under_another_id = await client.place_order("1700", [("A", 2)], user="web", command_id=uuid4())
    assert (other.reason, under_another_id.reason) == (Reason.CONFLICT, Reason.ORDER_EXISTS)


async def test_a_late_copy_of_an_answer_is_not_taken_for_that_to_another_body(
    client: OrderClient, twin: AnsweringTwin
) -> None:
    twin.copies = 50
    await client.place_order("1700", [("A", 1)], user="web")
    assert (await client.place_order("1700", [("A", 2)], user="web")).reason is Reason.CONFLICT
    command_id = uuid4()
    await client.restock("A", 5, user="u", command_id=command_id)
    assert (await client.restock("A", 6, user="u", command_id=command_id)).reason is Reason.CONFLICT


def test_the_id_of_placing_an_order_never_changes() -> None:
    # If it did, an order that is placed again after an upgrade would be refused instead of answered.
    assert placing_id("1700") == UUID("a957b8fe-3441-5c32-bf6e-45396c41b9cf")
    assert len({placing_id(text) for text in ("1700", "1701", "", "ü", "\ud800")}) == 5


async def test_an_order_that_is_placed_by_many_at_once_is_sold_once(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    results = await asyncio.gather(*(client.place_order("1700", [("A", 3)], user="web") for _ in range(10)))
    assert {result.outcome for result in results} == {Outcome.APPLIED}
    assert twin.stock["A", "main"] == 2


async def test_a_cancellation_has_an_answer_and_an_id_of_its_own(client: OrderClient, twin: AnsweringTwin) -> None:
    early = await client.cancel_order("1700", user="web")
    twin.stock["A", "main"] = 5
    await client.place_order("1700", [("A", 1)], user="web")
    late = await client.cancel_order("1700", user="web", reason="changed their mind")
    assert (early.reason, late.reason) == (Reason.UNKNOWN_ORDER, Reason.ORDER_COMPLETED)
    assert (late.order_id, late.lines) == ("1700", ())
    command = twin.received[-1]
    assert isinstance(command, CancelOrder)
    assert command.reason == "changed their mind"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "lines: must have at least 1"),
        ([("A", 0)], r"lines\.0\.quantity: must be at least 1 \(got 0\)"),
        ([("A", 1), ("B", "2")], r"lines\.1\.quantity: must be a whole number"),
        ([("A", 1), ("order:B", 2)], r"lines\.1\.sku: must not begin with order:"),
        ([("A",)], r"lines\.0: must be \(sku, quantity\)"),
        (["A1"], r"lines\.0: must be \(sku, quantity\)"),
        ([("A", 10**9), ("A", 1)], "at most 1000000000 units in all"),
    ],
    ids=str,
)
async def test_what_is_no_order_is_not_sent(
    client: OrderClient, twin: AnsweringTwin, lines: list[Any], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        await client.place_order("1700", lines, user="web")
    with pytest.raises(InvalidInput, match="order_id"):
        await client.place_order("", [("A", 1)], user="web")
    with pytest.raises(InvalidInput, match="expires_in"):
        await client.place_order("1700", [("A", 1)], user="web", expires_in=3601)
    assert twin.received == []


async def test_a_dead_letter_that_names_no_order_is_still_about_it(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.silent = True
    command_id = uuid4()
    waiting = asyncio.create_task(client.place_order("1700", [("A", 1)], user="web", command_id=command_id))
    await twin.has_received(1)
    dead = Result(
        command_id=command_id,
        outcome=Outcome.DEAD_LETTERED,
        type=None,
        sku=None,
        location=None,
        quantity=None,
        reason=Reason.INVALID,
        message="nothing to be read",
    )
    await twin.publish_reply(encode_result(dead), reply_routing_key(client.reply_to, dead.outcome, None, None))
    result = await waiting
    assert (result.order_id, result.outcome, result.lines) == ("1700", Outcome.DEAD_LETTERED, ())


async def test_an_order_is_waited_for_beyond_its_deadline(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.silent = True
    async with OrderClient(amqp_url, partition_count=PARTITION_COUNT, timeout_seconds=0.1) as client:
        ordering = asyncio.create_task(client.place_order("1700", [("A", 1)], user="web", expires_in=1))
        with pytest.raises(AnswerTimeout):
            await client.purchase("A", 1, user="web")
        with pytest.raises(AnswerTimeout, match=str(placing_id("1700"))):
            await client.place_order("1700", [("A", 1)], user="web", timeout_seconds=0.2)
        assert not ordering.done()
        ordering.cancel()


async def test_an_order_survives_a_cut(far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy) -> None:
    twin.stock["A", "main"] = 5
    twin.silent = True
    waiting = asyncio.create_task(far_client.place_order("1700", [("A", 3)], user="web"))
    await twin.has_received(1)
    twin.silent = False
    proxy.cut()
    assert (await waiting).applied
    assert twin.stock["A", "main"] == 2


async def test_everybodys_orders_are_seen_in_the_feed(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 5
    async with client.results("*.applied.place_order.#") as results:
        placed = await client.place_order("1700", [("A", 3)], user="web")
        assert await anext(results) == placed


async def test_orders_and_other_commands_go_through_one_stream(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["A", "main"] = 100
    orders = [
        PlaceOrder(command_id=uuid4(), order_id=str(n), lines=(OrderLine(sku="A", quantity=1),), user="web")
        for n in range(50)
    ]
    answered = [each async for each in client.request_many(orders)]
    assert {each.command.order_id: each.result.outcome for each in answered} == dict.fromkeys(
        [str(n) for n in range(50)], Outcome.APPLIED
    )
    await client.send(orders[0])
    assert await client.send_many(orders) == 50
    await twin.has_received(101)
    assert twin.stock["A", "main"] == 50
