import pytest

from tests.twins.orders import purchase, restock
from tests.worker.operations.recorded_shop import RecordedShop
from worker.operations.rebuilding import AGGREGATES_AT_ONCE, Rebuilt, rebuild
from worker.operations.verification import Difference, verify


@pytest.mark.parametrize(
    ("statement", "rebuilt"),
    [
        ("UPDATE stock_levels SET on_hand = 99 WHERE sku = 'A'", Rebuilt(2, corrected=1)),
        ("DELETE FROM stock_levels", Rebuilt(2, corrected=2)),
        ("INSERT INTO stock_levels VALUES ('A', 'attic', 7, 0, 1)", Rebuilt(2, removed=1)),
        ("INSERT INTO stock_levels VALUES ('C', 'main', 7, 0, 1)", Rebuilt(3, removed=1)),
    ],
    ids=["changed", "gone", "a ghost beside", "a ghost alone"],
)
async def test_stock_rows_are_made_again_from_the_events(shop: RecordedShop, statement: str, rebuilt: Rebuilt) -> None:
    await shop.record([restock(1, 5), purchase(2, 3), restock(3, 4, sku="B")])
    await shop.tamper(statement)
    assert await rebuild(shop.connection) == rebuilt
    assert await _differences(shop) == []
    assert await rebuild(shop.connection) == Rebuilt(2)


async def test_more_skus_than_one_portion_are_made_again(shop: RecordedShop) -> None:
    count = AGGREGATES_AT_ONCE + 50
    await shop.record([restock(number, 5, sku=f"SKU-{number}") for number in range(1, count + 1)])
    await shop.tamper("UPDATE stock_levels SET on_hand = on_hand + 1")
    assert await rebuild(shop.connection) == Rebuilt(count, corrected=count)
    assert await _differences(shop) == []


async def test_lanes_load_afresh_after_a_correction(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5)])
    await shop.tamper("UPDATE stock_levels SET on_hand = 1")
    await rebuild(shop.connection)
    await shop.record([purchase(2, 5)])
    assert shop.lanes.answers[-1]["outcome"] == "applied"
    assert await shop.connection.fetchval("SELECT epoch FROM partitions") == 3


async def test_a_running_lane_is_fenced_by_a_correction(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5)])
    term = await shop.store.claim(0, "running")
    await shop.tamper("UPDATE stock_levels SET on_hand = 1")
    await rebuild(shop.connection)
    assert await shop.connection.fetchval("SELECT epoch FROM partitions") == term.epoch + 1


async def test_a_rebuild_that_finds_nothing_wrong_disturbs_nobody(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5)])
    epoch = await shop.connection.fetchval("SELECT epoch FROM partitions")
    assert await rebuild(shop.connection) == Rebuilt(1)
    assert await shop.connection.fetchval("SELECT epoch FROM partitions") == epoch


async def _differences(shop: RecordedShop) -> list[Difference]:
    differences: list[Difference] = []
    await verify(shop.connection, differences.append)
    return differences
