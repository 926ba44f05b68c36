import json
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.twins.orders import purchase, restock
from tests.worker.operations.recorded_shop import RecordedShop
from worker.event_store import EventStore, fold_stock
from worker.operations import snapshotting
from worker.operations.snapshotting import Snapshotted, snapshot
from worker.operations.verification import Difference, verify


@pytest.fixture
async def pool(migrated_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(migrated_database_url, min_size=1, max_size=1) as pool:
        yield pool


async def test_what_has_grown_enough_gets_a_snapshot_and_the_rest_none(shop: RecordedShop, pool: asyncpg.Pool) -> None:
    await shop.record([restock(1, 5), purchase(2, 3), restock(3, 4, sku="B")])
    assert await snapshot(pool, least_events=2) == Snapshotted(made=1, left=1)
    rows = await pool.fetch("SELECT aggregate_id, state, version FROM snapshots")
    assert [(row["aggregate_id"], json.loads(row["state"]), row["version"]) for row in rows] == [("A", {"main": 2}, 2)]
    assert await snapshot(pool, least_events=2) == Snapshotted(left=2)


async def test_only_events_since_the_last_snapshot_count(shop: RecordedShop, pool: asyncpg.Pool) -> None:
    await shop.record([restock(1, 5), purchase(2, 3)])
    await snapshot(pool, least_events=1)
    await shop.record([restock(3, 1)])
    assert await snapshot(pool, least_events=2) == Snapshotted(left=1)
    await shop.record([restock(4, 1)])
    assert await snapshot(pool, least_events=2) == Snapshotted(made=1)
    assert await EventStore(pool).replay_events("A", fold_stock) == {"main": 4}
    differences: list[Difference] = []
    await verify(shop.connection, differences.append)
    assert differences == []


async def test_all_portions_are_visited(
    shop: RecordedShop, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshotting, "AGGREGATES_AT_ONCE", 2)
    await shop.record([restock(number, 1, sku=f"SKU-{number}") for number in range(1, 6)])
    assert await snapshot(pool, least_events=1) == Snapshotted(made=5)


async def test_an_empty_shop_has_nothing_to_do(pool: asyncpg.Pool) -> None:
    assert await snapshot(pool, least_events=1) == Snapshotted()
