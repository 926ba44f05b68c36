"""Many open reservations, written as lanes would have written them."""

from datetime import UTC, datetime

import asyncpg

from schemas.partitions import partition_of

_TABLE = """
CREATE TEMPORARY TABLE seeded (sku text, partition smallint, number int, name text, expires_at timestamp)
"""

_SEEDED = """
INSERT INTO seeded
SELECT sku, partition, number, 'seed-' || number AS name,
       CASE WHEN number <= $4 THEN $5::timestamp ELSE $5::timestamp + interval '1 hour' END AS expires_at
FROM unnest($1::text[], $2::smallint[]) AS each (sku, partition), generate_series(1, $3::int) AS number
"""

_ROWS = [
    """INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp")
       SELECT sku, 1, gen_random_uuid(), 'StockAdded',
              jsonb_build_object('item_id', 'main', 'quantity', (SELECT max(number) FROM seeded)),
              now() AT TIME ZONE 'UTC'
       FROM (SELECT DISTINCT sku FROM seeded) AS skus""",
    """INSERT INTO events (aggregate_id, version, event_id, event_type, data, "timestamp")
       SELECT sku, number + 1, gen_random_uuid(), 'StockReserved',
              jsonb_build_object('item_id', 'main', 'reservation_id', name, 'quantity', 1,
                                 'expires_at', to_char(expires_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')),
              now() AT TIME ZONE 'UTC'
       FROM seeded""",
    """INSERT INTO audit_log ("timestamp", "user", delta, sku, location, balance, event_id, version, reserved_delta)
       SELECT "timestamp", 'seed', CASE version WHEN 1 THEN (data ->> 'quantity')::bigint ELSE 0 END, aggregate_id,
              'main', (SELECT max(number) FROM seeded), event_id, version, CASE version WHEN 1 THEN 0 ELSE 1 END
       FROM events""",
    """INSERT INTO stock_levels (sku, location, on_hand, reserved, version)
       SELECT sku, 'main', count(*), count(*), count(*) + 1 FROM seeded GROUP BY sku""",
    """INSERT INTO reservations (sku, reservation_id, location, partition, quantity, held, fulfilled, released, status,
                                 expires_at, version)
       SELECT sku, name, 'main', partition, 1, 1, 0, 0, 'held', expires_at, number + 1 FROM seeded""",
]


async def open_reservations(
    database_url: str, skus: list[str], per_sku: int, *, partition_count: int, due_per_sku: int, due: datetime
) -> None:
    """Hold one unit in each of `per_sku` reservations of each SKU; `due_per_sku` of them end at `due`."""
    connection = await asyncpg.connect(database_url)
    try:
        partitions = [partition_of(sku, partition_count) for sku in skus]
        naive = due.astimezone(UTC).replace(tzinfo=None)
        await connection.execute(_TABLE)
        await connection.execute(_SEEDED, skus, partitions, per_sku, due_per_sku, naive)
        for statement in _ROWS:
            await connection.execute(statement)
    finally:
        await connection.close()
