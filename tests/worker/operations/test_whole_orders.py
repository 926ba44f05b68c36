"""What `verify` and `rebuild` make of orders whose rows or answers were changed by hand."""

import asyncpg
import pytest

from tests.twins.orders import restock
from tests.worker.lane.test_order_schedules import about, placing
from tests.worker.operations.recorded_shop import RecordedShop
from worker.operations.rebuilding import Rebuilt, rebuild
from worker.operations.verification import Difference, verify

ORDERS = [
    restock(1, 9),
    placing(2, "sold", ("A", 3), ("A", 1)),
    placing(3, "refused", ("A", 1), ("B", 1)),
    placing(4, "cancelled", ("A", 1), ("B", 1)),
    about(5, "cancel_order", "cancelled"),
    placing(6, "part", ("A", 1), ("B", 1), allow_partial=True),
    placing(7, "sold", ("A", 1)),
    about(8, "cancel_order", "unknown"),
]
_HELD = """
UPDATE reservations SET status = 'held', held = quantity, released = 0 WHERE reservation_id = 'order:cancelled#1'
"""
_GHOST = """
INSERT INTO orders
SELECT 'order:ghost', partition, command_id, status, deadline, placed, progress, version, moved_at
FROM orders WHERE aggregate_id = 'order:sold'
"""


def _answering(old: str, new: str) -> str:
    return (
        f"UPDATE commands SET answer = replace(answer::text, '{old}', '{new}')::json "  # noqa: S608
        "WHERE answer ->> 'order_id' = 'sold' AND answer ->> 'outcome' = 'applied'"
    )


def _changing(event_type: str, change: str) -> str:
    return f"UPDATE events SET {change} WHERE aggregate_id = 'order:sold' AND event_type = '{event_type}'"  # noqa: S608


def _telling_of_sale(old: str, new: str) -> str:
    return (
        f"UPDATE commands SET answer = replace(answer::text, '{old}', '{new}')::json "  # noqa: S608
        "WHERE answer ->> 'type' = 'sell_line' AND answer ->> 'outcome' = 'applied'"
    )


async def test_orders_agree_with_their_events(shop: RecordedShop) -> None:
    await shop.record(ORDERS)
    assert await _differences(shop) == []
    assert await rebuild(shop.connection) == Rebuilt(5)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE orders SET status = 'refused' WHERE aggregate_id = 'order:sold'",
        "UPDATE orders SET progress = '{}' WHERE aggregate_id = 'order:sold'",
        "UPDATE orders SET placed = '{}' WHERE aggregate_id = 'order:sold'",
        "UPDATE orders SET partition = 7 WHERE aggregate_id = 'order:sold'",
        "UPDATE orders SET version = 1 WHERE aggregate_id = 'order:sold'",
        "DELETE FROM orders WHERE aggregate_id = 'order:sold'",
        _GHOST,
    ],
    ids=["status", "progress", "placed", "partition", "version", "gone", "ghost"],
)
async def test_a_changed_row_is_found_and_made_again(shop: RecordedShop, statement: str) -> None:
    await shop.record(ORDERS)
    await shop.tamper(statement)
    (difference,) = await _differences(shop)
    assert difference.sku in {"order:sold", "order:ghost"}
    assert difference.kind in {"order row", "order row missing"}
    rebuilt = await rebuild(shop.connection)
    assert rebuilt.corrected + rebuilt.removed == 1
    assert await _differences(shop) == []


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (_answering('"sold":4', '"sold":3'), "answer"),
        (_answering('"outcome":"applied"', '"outcome":"rejected"'), "answer"),
        (_answering("till-3", "till-4"), "answer"),
        (_answering('"quantity":4', '"quantity":"4"'), "answer"),
        ("DELETE FROM commands WHERE answer ->> 'order_id' = 'refused'", "answer missing"),
        ("DELETE FROM events WHERE event_type = 'OrderSold'", "answer"),
        ("DELETE FROM events WHERE event_type = 'OrderCancelled'", "answer"),
        ("DELETE FROM events WHERE event_type = 'OrderPlaced'", "order"),
        (_changing("OrderSold", "event_type = 'OrderPlaced'"), "event unreadable"),
        (_changing("OrderSold", """data = '{"line": 1}'"""), "event unreadable"),
        (_changing("OrderSold", "data = '{}'"), "order"),
        ("UPDATE events SET event_type = 'OrderSold' WHERE event_type = 'OrderRefused'", "order"),
        (_HELD, "reservation"),
    ],
)
async def test_a_changed_answer_or_event_is_found(shop: RecordedShop, statement: str, kind: str) -> None:
    await shop.record(ORDERS)
    await shop.tamper(statement)
    assert kind in {difference.kind for difference in await _differences(shop)}


@pytest.mark.parametrize(
    ("statement", "orders"),
    [
        ("DELETE FROM commands WHERE answer ->> 'type' = 'sell_line'", {"order:sold"}),
        (_telling_of_sale('"quantity":4', '"quantity":3'), {"order:sold"}),
        (_telling_of_sale('"outcome":"applied"', '"outcome":"rejected"'), {"order:sold"}),
        (_telling_of_sale("order:sold#1", "order:cancelled#2"), {"order:sold", "order:cancelled"}),
        (_telling_of_sale("order:sold#1", "order:ghost#1"), {"order:sold", "order:ghost"}),
        (_telling_of_sale("order:sold#1", "\\u0000"), {"order:sold"}),
    ],
    ids=["gone", "less", "refused", "of a cancelled order", "of a ghost", "unreadable"],
)
async def test_what_was_sold_at_once_agrees_with_what_its_order_heard(
    shop: RecordedShop, statement: str, orders: set[str]
) -> None:
    await shop.record(ORDERS)
    await shop.tamper(statement)
    assert {each.sku for each in await _differences(shop) if each.kind == "sale"} == orders


async def test_what_is_held_for_an_order_long_decided_is_found(shop: RecordedShop) -> None:
    await shop.record(ORDERS)
    await shop.tamper(_HELD)
    await shop.tamper("UPDATE orders SET moved_at = moved_at - interval '1 year'")
    found = [difference.message for difference in await _differences(shop) if difference.kind == "forgotten hold"]
    assert found == ["order:cancelled#1: 1 held for an order that is cancelled"]


async def test_an_answer_is_given_once(shop: RecordedShop) -> None:
    await shop.record([restock(1, 9), placing(2, "1700", ("A", 3))])
    with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
        await shop.connection.execute("UPDATE commands SET answer = '{}'")


async def _differences(shop: RecordedShop) -> list[Difference]:
    found: list[Difference] = []
    await verify(shop.connection, found.append)
    return found
