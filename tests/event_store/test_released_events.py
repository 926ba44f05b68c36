"""Events stored by every released version load for ever: a file here may be added, never changed."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from worker.event_store import EventStore, InventoryAggregate, PartitionStore, ReadModelProjection
from worker.lane.row_codec import stock

RELEASES = sorted(Path(__file__).with_name("released_events").glob("*.jsonl"))


def test_there_are_releases() -> None:
    assert RELEASES


@pytest.fixture(params=RELEASES, ids=lambda path: path.stem)
def rows(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """Give the rows that one release stored."""
    return [json.loads(line) for line in request.param.read_text(encoding="utf-8").splitlines()]


async def test_the_events_of_a_release_load(
    pool: asyncpg.Pool, migrated_database_url: str, rows: list[dict[str, Any]]
) -> None:
    await pool.executemany(
        'INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version) '
        "VALUES ($1, $2, $3, $4, $5, $6)",
        [
            (
                row["event_id"],
                row["aggregate_id"],
                row["event_type"],
                json.dumps(row["data"], ensure_ascii=False),
                _moment(row),
                row["version"],
            )
            for row in rows
        ],
    )
    store, projection = EventStore(pool), ReadModelProjection()
    await projection.rebuild(store)
    expected: dict[str, dict[str, int]] = {}
    for row in rows:
        levels, sign = expected.setdefault(row["aggregate_id"], {}), {"StockAdded": 1, "StockRemoved": -1}
        if row["event_type"] in sign:
            item_id, delta = row["data"]["item_id"], sign[row["event_type"]] * row["data"]["quantity"]
            levels[item_id] = levels.get(item_id, 0) + delta
    for aggregate_id, levels in expected.items():
        stored = [(event.event_id, event.data, event.timestamp) for event in await store.get_events(aggregate_id)]
        mine = [row for row in rows if row["aggregate_id"] == aggregate_id]
        assert stored == [(row["event_id"], row["data"], _moment(row)) for row in mine]
        for item_id, on_hand in levels.items():
            assert await InventoryAggregate(store, aggregate_id).get_stock(item_id) == on_hand
            assert projection.get_stock(aggregate_id, item_id) == on_hand
    partition_store = PartitionStore(migrated_database_url)
    for record in await partition_store.load(list(expected)):
        in_lane = {location: level.on_hand for location, level in stock(record).levels.items()}
        assert in_lane == expected[record.aggregate_id]
    await partition_store.close()


def _moment(row: dict[str, str]) -> datetime:
    return datetime.fromisoformat(row["timestamp"])
