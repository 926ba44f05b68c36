"""Every operation on one SKU, many at a time, with exact numbers."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

from schemas import Result
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
