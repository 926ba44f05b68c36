"""The rows of an append, written as one would without a store: nothing is checked, decided or kept."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg

_EVENT = """
INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version)
VALUES ($1, $2, 'StockAdded', $3, $4, $5)
"""
_AUDIT = """
INSERT INTO audit_log ("timestamp", "user", delta, sku, location, balance, event_id, version)
VALUES ($1, 'system', 1, $2, 'main', $3, $4, $3)
"""
_LEVEL = """
INSERT INTO stock_levels (sku, location, on_hand, version) VALUES ($1, 'main', $2, $2)
ON CONFLICT (sku, location) DO UPDATE SET on_hand = excluded.on_hand, version = excluded.version
"""
_HISTORY = """
INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version)
SELECT gen_random_uuid(), $1, 'StockAdded', '{"item_id": "main", "quantity": 1}', now() AT TIME ZONE 'UTC', version
FROM generate_series(1, $2::int) AS version
"""
_DATA = {"item_id": "main", "quantity": 1}


async def insert(pool: asyncpg.Pool, sku: str, version: int) -> None:
    """Insert the rows of one event of one unit, in one transaction."""
    await insert_many(pool, sku, version, 1)


async def insert_many(pool: asyncpg.Pool, sku: str, first_version: int, count: int) -> None:
    """Insert the rows of `count` events of one unit each, in one transaction."""
    now = datetime.now(UTC).replace(tzinfo=None)
    versions = range(first_version, first_version + count)
    event_ids = [uuid4() for _ in versions]
    events = [
        (event_id, sku, json.dumps(_DATA), now, version) for event_id, version in zip(event_ids, versions, strict=True)
    ]
    audit = [(now, sku, version, event_id) for event_id, version in zip(event_ids, versions, strict=True)]
    async with pool.acquire() as connection, connection.transaction():
        await connection.executemany(_EVENT, events)
        await connection.executemany(_AUDIT, audit)
        await connection.execute(_LEVEL, sku, versions[-1])


async def insert_history(pool: asyncpg.Pool, sku: str, count: int) -> None:
    """Insert `count` events of one unit each, without audit and stock rows, as another program might."""
    await pool.execute(_HISTORY, sku, count)
    await pool.execute("ANALYZE events")
