"""The partition count: fixed when the first worker starts, the same for ever after.

A SKU's partition is its hash modulo the count. With another count the same SKU
would have two owners and two orders, so a worker that is set otherwise does not start.
"""

import asyncpg

from worker.database.errors import PartitionCountMismatch


async def record_partition_count(connection: asyncpg.Connection, partition_count: int) -> str:
    """Record `partition_count` where none is, with one row of `partitions` for each.

    Returns what tells this shop from others: see `recorded_shop`.
    Raises `PartitionCountMismatch` where another is recorded.
    """
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO topology (partition_count, recorded_at) VALUES ($1, now() AT TIME ZONE 'UTC') "
            "ON CONFLICT DO NOTHING",
            partition_count,
        )
        recorded = await connection.fetchval("SELECT partition_count FROM topology")
        if recorded != partition_count:
            raise PartitionCountMismatch(
                f"this worker is set to {partition_count} partitions, the database was set up for {recorded}; "
                f"set ORDERS_PARTITIONS={recorded}"
            )
        await connection.execute(
            "INSERT INTO partitions (partition) SELECT generate_series(0, $1::int - 1) ON CONFLICT DO NOTHING",
            partition_count,
        )
    return await recorded_shop(connection) or ""


async def recorded_shop(connection: asyncpg.Connection) -> str | None:
    """Return what tells this shop from others: the moment of its first start, to the microsecond.

    None where no worker has started yet.
    """
    recorded_at = await connection.fetchval("SELECT recorded_at FROM topology")
    return None if recorded_at is None else str(recorded_at.isoformat())
