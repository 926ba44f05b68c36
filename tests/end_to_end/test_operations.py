"""Every operation on one SKU, many at a time, with exact numbers."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from schemas import Result
from tests.end_to_end.listening import answers
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import LiveShop

SKU = "85123A"


def _outcomes(results: Iterable[Result]) -> Counter[str]:
    return Counter(result.reason or result.outcome.value for result in results)


async def test_five_transfers_of_25_from_100_apply_four(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 100, user="warehouse")
        results = await asyncio.gather(
            *(client.transfer(SKU, 25, to_location="attic", user="warehouse") for _ in range(5))
        )
    assert _outcomes(results) == {"applied": 4, "insufficient_stock": 1}
    assert await shop.levels(SKU) == {"main": (0, 0), "attic": (100, 0)}
    rows = await shop.rows("SELECT version, sum(delta)::int AS total, count(*) FROM audit_log GROUP BY 1 ORDER BY 1")
    assert [(row["total"], row["count"]) for row in rows] == [(100, 1), *[(0, 2)] * 4]


async def test_a_receipt_beside_a_transfer_moves_exactly_both(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 100, user="warehouse", location="A")
        await asyncio.gather(
            client.restock(SKU, 50, user="warehouse", location="A"),
            client.transfer(SKU, 30, user="warehouse", location="A", to_location="B"),
        )
    assert await shop.levels(SKU) == {"A": (120, 0), "B": (30, 0)}


async def test_ten_receipts_of_10_make_100(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        results = await asyncio.gather(*(client.restock(SKU, 10, user="warehouse") for _ in range(10)))
    assert _outcomes(results) == {"applied": 10}
    assert await shop.levels(SKU) == {"main": (100, 0)}


async def test_receipts_and_sales_side_by_side_make_the_exact_sum(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 1_000, user="warehouse")
        await asyncio.gather(
            *(client.restock(SKU, 10, user="warehouse") for _ in range(20)),
            *(client.purchase(SKU, 5, user="till") for _ in range(10)),
        )
    assert await shop.levels(SKU) == {"main": (1_150, 0)}


async def test_more_than_there_is_is_refused_and_nothing_moves(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 50, user="warehouse")
        refused = await client.purchase(SKU, 100, user="till")
    assert (refused.reason, refused.available) == ("insufficient_stock", 50)
    assert await shop.levels(SKU) == {"main": (50, 0)}


async def test_the_same_id_twice_at_once_has_one_effect_and_two_equal_answers(shop: LiveShop) -> None:
    await shop.start_worker()
    command_id = uuid4()
    async with shop.client() as one, shop.client() as other:
        await one.restock(SKU, 50, user="warehouse")
        first, second = await asyncio.gather(
            *(
                client.transfer(SKU, 5, to_location="attic", user="till", command_id=command_id)
                for client in (one, other)
            )
        )
    assert first == second
    assert await shop.levels(SKU) == {"main": (45, 0), "attic": (5, 0)}


async def test_a_count_corrects_the_stock_and_tells_the_difference(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 50, user="warehouse")
        counted = await client.adjust(SKU, set_to=47, reason="stocktaking", user="auditor")
        broken = await client.adjust(SKU, difference=-2, reason="broken", user="auditor")
        refused = await client.adjust(SKU, difference=-46, reason="lost", user="auditor")
    assert [(result.quantity, result.on_hand) for result in (counted, broken)] == [(-3, 47), (-2, 45)]
    assert (refused.reason, refused.quantity, refused.on_hand) == ("below_reserved", None, 45)
    rows = await shop.rows('SELECT "user", delta, balance, reason FROM audit_log ORDER BY version OFFSET 1')
    assert [tuple(row) for row in rows] == [("auditor", -3, 47, "stocktaking"), ("auditor", -2, 45, "broken")]


async def test_ten_reserves_of_15_from_100_hold_90(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 100, user="warehouse")
        results = await asyncio.gather(
            *(client.reserve(SKU, 15, reservation_id=f"R-{number}", user="till") for number in range(10))
        )
        late = await client.purchase(SKU, 11, user="till")
    assert _outcomes(results) == {"applied": 6, "insufficient_stock": 4}
    assert (late.reason, late.on_hand, late.available) == ("insufficient_stock", 100, 10)
    assert await shop.levels(SKU) == {"main": (100, 90)}


async def test_what_was_released_can_be_reserved_again(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 50, user="warehouse")
        held = await client.reserve(SKU, 30, reservation_id="one", user="till", expires_in=60)
        released = await client.release(SKU, reservation_id="one", user="till")
        again = await client.reserve(SKU, 50, reservation_id="two", user="till")
    assert held.applied
    assert held.committed_at is not None
    assert held.expires_at == held.committed_at + timedelta(seconds=60)
    assert (released.quantity, released.reserved, released.expires_at) == (30, 0, None)
    assert (again.applied, again.available) == (True, 0)


async def test_held_units_can_neither_be_sold_nor_moved_nor_counted_away(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 50, user="warehouse")
        await client.reserve(SKU, 30, reservation_id="r", user="till")
        refused = [
            await client.purchase(SKU, 21, user="till"),
            await client.transfer(SKU, 21, to_location="attic", user="warehouse"),
            await client.reserve(SKU, 21, reservation_id="s", user="till"),
            await client.adjust(SKU, difference=-21, reason="broken", user="auditor"),
            await client.adjust(SKU, set_to=29, reason="counted", user="auditor"),
        ]
        counted = await client.adjust(SKU, set_to=30, reason="counted", user="auditor")
    assert [(result.reason, result.on_hand, result.reserved) for result in refused] == [
        *[("insufficient_stock", 50, 30)] * 3,
        *[("below_reserved", 50, 30)] * 2,
    ]
    assert (counted.quantity, counted.on_hand, counted.reserved, counted.available) == (-20, 30, 30, 0)
    assert await shop.levels(SKU) == {"main": (30, 30)}


async def test_what_is_released_in_part_is_sold_to_others_and_the_rest_to_whom_it_is_held_for(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 30, user="warehouse")
        await client.reserve(SKU, 30, reservation_id="r", user="till")
        await client.release(SKU, reservation_id="r", quantity=10, user="till")
        results = [
            await client.purchase(SKU, 11, user="other"),
            await client.purchase(SKU, 10, user="other"),
            await client.fulfil(SKU, reservation_id="r", quantity=5, user="till"),
            await client.release(SKU, reservation_id="r", user="till"),
            await client.release(SKU, reservation_id="r", user="till"),
            await client.fulfil(SKU, reservation_id="r", user="till"),
            await client.extend(SKU, reservation_id="r", expires_in=60, user="till"),
        ]
    assert [(result.reason or "applied", result.on_hand, result.reserved) for result in results] == [
        ("insufficient_stock", 30, 20),
        ("applied", 20, 20),
        ("applied", 15, 15),
        ("applied", 15, 0),
        *[("already_released", 15, 0)] * 3,
    ]
    (row,) = await shop.rows("SELECT held, fulfilled, released, status FROM reservations")
    assert tuple(row) == (0, 5, 25, "released")


async def test_every_operation_sent_again_gets_the_same_bytes_and_moves_nothing(shop: LiveShop) -> None:
    held: dict[str, Any] = {"reservation_id": "r"}
    operations: list[tuple[str, int | None, dict[str, Any]]] = [
        ("restock", 50, {}),
        ("purchase", 1, {}),
        ("adjust", None, {"set_to": 40, "reason": "counted"}),
        ("transfer", 5, {"to_location": "attic"}),
        ("reserve", 20, {**held, "expires_in": 60}),
        ("extend", None, {**held, "expires_in": 90}),
        ("release", 5, held),
        ("fulfil", 5, held),
        ("fulfil", 11, held),
        ("reserve", 1, held),
        ("release", None, {"reservation_id": "x"}),
    ]
    commands = [command(kind, SKU, quantity, **more) for kind, quantity, more in operations]
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        for _ in range(2):  # once to one worker, and once to its successor
            worker = await shop.start_worker()
            for fields in commands:
                await publisher.send(fields)
            await listener.count(len(commands) * len(shop.workers))
            await worker.terminate()
    assert len(listener.bodies_by_id) == len(commands)
    assert {(len(bodies), len(set(bodies))) for bodies in listener.bodies_by_id.values()} == {(2, 1)}
    assert await shop.levels(SKU) == {"main": (30, 10), "attic": (5, 0)}


async def test_a_reservation_is_sold_in_parts_and_each_no_has_its_name(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 50, user="warehouse")
        await client.reserve(SKU, 30, reservation_id="r", user="till")
        results = [
            await client.fulfil(SKU, reservation_id="r", quantity=10, user="till"),
            await client.fulfil(SKU, reservation_id="r", quantity=21, user="till"),
            await client.reserve(SKU, 1, reservation_id="r", user="till"),
            await client.extend(SKU, reservation_id="r", expires_in=60, user="till"),
            await client.fulfil(SKU, reservation_id="r", user="till"),
            await client.release(SKU, reservation_id="r", user="till"),
            await client.release(SKU, reservation_id="x", user="till"),
        ]
    assert [(result.reason or "applied", result.quantity, result.on_hand, result.reserved) for result in results] == [
        ("applied", 10, 40, 20),
        ("quantity_exceeds_reservation", 21, 40, 20),
        ("reservation_exists", 1, 40, 20),
        ("applied", None, 40, 20),
        ("applied", 20, 20, 0),
        ("already_fulfilled", None, 20, 0),
        ("unknown_reservation", None, 20, 0),
    ]
    (row,) = await shop.rows("SELECT held, fulfilled, released, status FROM reservations")
    assert tuple(row) == (0, 30, 0, "fulfilled")
    sums = await shop.rows("SELECT sum(delta)::int AS on_hand, sum(reserved_delta)::int AS reserved FROM audit_log")
    assert tuple(sums[0]) == (20, 0)
