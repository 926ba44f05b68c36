import asyncio

import asyncpg
import pytest

from worker.database.errors import PartitionCountMismatch
from worker.database.topology import record_partition_count


async def test_the_first_count_is_recorded_for_ever(connection: asyncpg.Connection) -> None:
    for _ in range(2):
        await record_partition_count(connection, 4)
    rows = await connection.fetch("SELECT partition, epoch, sequence FROM partitions ORDER BY partition")
    assert [tuple(row) for row in rows] == [(partition, 0, 0) for partition in range(4)]


@pytest.mark.parametrize("other", [1, 3, 5, 100])
async def test_another_count_is_refused_and_changes_nothing(connection: asyncpg.Connection, other: int) -> None:
    await record_partition_count(connection, 4)
    with pytest.raises(PartitionCountMismatch, match=f"set to {other} partitions, the database was set up for 4"):
        await record_partition_count(connection, other)
    assert await connection.fetchval("SELECT count(*) FROM partitions") == 4


async def test_of_two_workers_that_start_at_once_with_other_counts_one_is_refused(
    migrated_database_url: str,
) -> None:
    connections = [await asyncpg.connect(migrated_database_url) for _ in range(2)]
    outcomes = await asyncio.gather(
        *(record_partition_count(each, count) for each, count in zip(connections, (4, 8), strict=True)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["PartitionCountMismatch", "str"]
    for each in connections:
        await each.close()
