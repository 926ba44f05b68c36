"""What `verify` and `rebuild` make of reservations whose rows were changed by hand."""

import pytest

from tests.twins.orders import order, restock
from tests.worker.operations.recorded_shop import RecordedShop
from worker.operations.rebuilding import Rebuilt, rebuild
from worker.operations.verification import Difference, verify

ORDERS = [
    restock(1, 9),
    order(2, "reserve", 5, reservation_id="held", expires_in=60),
    order(3, "reserve", 4, reservation_id="sold"),
    order(4, "fulfil", None, reservation_id="sold"),
    order(5, "extend", None, reservation_id="held", expires_in=3600),
    order(6, "transfer", 4, to_location="attic"),
    order(7, "adjust", None, reason="counted", set_to=5),
]
GHOST = (
    "INSERT INTO reservations (sku, reservation_id, location, partition, quantity, held, fulfilled, released, status, "
    "version) VALUES ('Z', 'ghost', 'main', 0, 1, 1, 0, 0, 'held', 1)"
)


async def test_every_operation_agrees_with_its_events(shop: RecordedShop) -> None:
    await shop.record(ORDERS)
    assert await _differences(shop) == []
    assert await rebuild(shop.connection) == Rebuilt(1)


@pytest.mark.parametrize(
    ("statement", "sku", "said"),
    [
        ("UPDATE reservations SET expires_at = NULL WHERE reservation_id = 'held'", "A", "held: the row is "),
        ("UPDATE reservations SET status = 'released' WHERE reservation_id = 'sold'", "A", "sold: the row is "),
        ("DELETE FROM reservations WHERE reservation_id = 'sold'", "A", "sold: the row is missing"),
        (GHOST, "Z", "ghost: the row is "),
    ],
    ids=["due time", "status", "gone", "ghost"],
)
async def test_a_changed_row_is_found_and_made_again(shop: RecordedShop, statement: str, sku: str, said: str) -> None:
    await shop.record(ORDERS)
    await shop.tamper(statement)
    (difference,) = await _differences(shop)
    assert (difference.sku, difference.kind) == (sku, "reservation")
    assert difference.message.startswith(said)
    rebuilt = await rebuild(shop.connection)
    assert rebuilt.corrected + rebuilt.removed == 1
    assert await _differences(shop) == []


async def test_a_changed_audit_of_what_is_reserved_is_found(shop: RecordedShop) -> None:
    await shop.record(ORDERS)
    await shop.tamper("UPDATE audit_log SET reserved_delta = 3 WHERE reserved_delta = 4")
    assert [difference.kind for difference in await _differences(shop)] == ["audit row"]


async def _differences(shop: RecordedShop) -> list[Difference]:
    found: list[Difference] = []
    await verify(shop.connection, found.append)
    return found
