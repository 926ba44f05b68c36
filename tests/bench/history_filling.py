"""Fills a database with a past: restocks of one unit, every row as the worker would have written it.

Only the digests are not the worker's; nothing in the benchmark sends an old
command id again. `order-worker verify` finds no difference in what is written here.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

import asyncpg

from schemas.partitions import DEFAULT_PARTITION_COUNT, partition_of
from tests.bench.workload import SKU_COUNT, sku_name
from worker.database.migrator import migrate
from worker.database.topology import record_partition_count

_CREATE_SKUS = """
CREATE UNLOGGED TABLE history_skus (
    sku text COLLATE "C", partition smallint, place integer, partition_skus integer
)
"""
_TABLES = ("events", "audit_log", "commands", "stock_levels", "partitions")


async def fill_history(database_url: str, command_count: int) -> int:
    """Migrate the database and fill it; return how many commands it holds then, a multiple of `SKU_COUNT`."""
    await migrate(database_url)
    versions = command_count // SKU_COUNT
    async with asyncpg.create_pool(database_url, min_size=0) as pool:
        async with pool.acquire() as connection:
            await record_partition_count(connection, DEFAULT_PARTITION_COUNT)
            await connection.execute(_CREATE_SKUS)
            await connection.copy_records_to_table("history_skus", records=places([*map(sku_name, range(SKU_COUNT))]))
        async with asyncio.TaskGroup() as group:
            for table in _TABLES:
                group.create_task(pool.execute(_statement(table), versions))
        await pool.execute("DROP TABLE history_skus")
        # As after any large import. Otherwise the first measurements would pay for it: the statistics
        # speak of empty tables, autovacuum starts on all of them, and a checkpoint writes gigabytes.
        await pool.execute("VACUUM (ANALYZE)")
        await pool.execute("CHECKPOINT")
    return versions * SKU_COUNT


def places(skus: Sequence[str]) -> list[tuple[str, int, int, int]]:
    """Return each SKU with its partition, its place among the SKUs of that, from 1, and how many those are."""
    partitions = [partition_of(sku, DEFAULT_PARTITION_COUNT) for sku in skus]
    sizes, seen = Counter(partitions), Counter[int]()
    found = []
    for sku, partition in zip(skus, partitions, strict=True):
        seen[partition] += 1
        found.append((sku, partition, seen[partition], sizes[partition]))
    return found


def _statement(table: str) -> str:
    return files("tests.bench").joinpath("history_sql", f"{table}.sql").read_text(encoding="utf-8")
