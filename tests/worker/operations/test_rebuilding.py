import asyncio

import asyncpg
import pytest

from schemas.partitions import partition_of
from tests.twins.orders import purchase, restock
from tests.worker.operations.interrupted_store import InterruptedStore
from tests.worker.operations.recorded_shop import RecordedShop
from worker.database.topology import record_partition_count
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


async def test_a_lane_that_decided_from_a_wrong_row_is_fenced_even_if_the_rebuild_fails_later(
    shop: RecordedShop,
) -> None:
    await shop.record([restock(number, 5, sku=f"SKU-{number:03d}") for number in range(1, AGGREGATES_AT_ONCE + 1)])
    await shop.record([restock(1_000, 5, sku="a portion later"), purchase(1_001, 1, sku="a portion later")])
    await shop.tamper(
        "UPDATE stock_levels SET on_hand = 99 WHERE sku = 'SKU-001';"
        "DELETE FROM stock_levels WHERE sku = 'a portion later';"
        "ALTER TABLE stock_levels ADD CHECK (sku <> 'a portion later')"
    )

    async def fail_to_rebuild() -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await rebuild(shop.connection)

    shop.lanes.queue.messages.append(purchase(2_000, 7, sku="SKU-001"))
    await shop.lanes.run_lane(store=InterruptedStore(shop.store, fail_to_rebuild))
    assert len(shop.lanes.queue.messages) == 1  # fenced: given back without an effect or an answer
    await shop.record([])
    assert (shop.lanes.answers[-1]["reason"], shop.lanes.answers[-1]["on_hand"]) == ("insufficient_stock", 5)
    assert await shop.connection.fetchval("SELECT on_hand FROM stock_levels WHERE sku = 'SKU-001'") == 5


async def test_only_the_partitions_of_wrong_rows_are_fenced(migrated_database_url: str) -> None:
    connection = await asyncpg.connect(migrated_database_url)
    await record_partition_count(connection, 16)
    await connection.execute("INSERT INTO stock_levels VALUES ('A', 'main', 7, 0, 1)")
    await rebuild(connection)
    fenced = await connection.fetch("SELECT partition, epoch FROM partitions WHERE epoch > 0")
    assert [tuple(row) for row in fenced] == [(partition_of("A", 16), 1)]
    await connection.close()


async def test_lanes_and_rebuilds_never_wait_for_each_other_for_ever(shop: RecordedShop) -> None:
    shop.lanes.queue.messages.extend(restock(number, 1) for number in range(1, 5_001))
    lanes = asyncio.create_task(_work_to_the_end(shop))
    rebuilds = 0
    while not lanes.done():
        await shop.connection.execute("INSERT INTO stock_levels VALUES ('ghost', 'main', 7, 0, 1)")
        assert (await rebuild(shop.connection)).removed == 1
        rebuilds += 1
    await lanes
    assert rebuilds > 1
    assert await _differences(shop) == []
    # A deadlock would have cost the lane its connection.
    assert shop.store.session.connection_count == 1


async def test_a_rebuild_that_finds_nothing_wrong_disturbs_nobody(shop: RecordedShop) -> None:
    await shop.record([restock(1, 5)])
    epoch = await shop.connection.fetchval("SELECT epoch FROM partitions")
    assert await rebuild(shop.connection) == Rebuilt(1)
    assert await shop.connection.fetchval("SELECT epoch FROM partitions") == epoch


async def _differences(shop: RecordedShop) -> list[Difference]:
    differences: list[Difference] = []
    await verify(shop.connection, differences.append)
    return differences


async def _work_to_the_end(shop: RecordedShop) -> None:
    while shop.lanes.queue.messages:
        await shop.lanes.run_lane(store=shop.store)
