"""A worker that does not fit its database says why, and ends."""

import asyncpg
import pytest

from tests.end_to_end.shop import LiveShop
from tests.end_to_end.worker_process import WORKER_COMMAND

MISMATCH = 6
USAGE = 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("DROP TABLE schema_migrations", "the database holds no order-worker schema; run: order-worker migrate"),
        (
            "DELETE FROM schema_migrations WHERE version = 1",
            "the schema is older than this program; outstanding: 0001 event_store; run: order-worker migrate",
        ),
        (
            "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'future', 'x')",
            "upgrade order-worker",
        ),
        (
            "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1",
            "migration 0001 event_store was applied with another text than this program has",
        ),
        (
            "INSERT INTO topology (partition_count, recorded_at) VALUES (7, now())",
            "this worker is set to 4 partitions, the database was set up for 7; set ORDERS_PARTITIONS=7",
        ),
    ],
    ids=["missing", "older", "newer", "changed", "partition count"],
)
async def test_a_database_that_does_not_fit_is_refused(shop: LiveShop, change: str, message: str) -> None:
    await shop.rows(change)
    worker = await shop.launch_worker()
    assert await worker.ended() == MISMATCH
    assert message in worker.log


async def test_every_wrong_setting_is_named_at_once(shop: LiveShop) -> None:
    worker = await shop.launch_worker(amqp_url="http://broker", partitions="101", http_port="99999")
    assert await worker.ended() == USAGE
    for setting in ("--amqp-url: must start with amqp:// or amqps://", "--partitions: ", "--http-port: "):
        assert f"order-worker: {setting}" in worker.log


async def test_an_empty_database_is_migrated_where_that_is_asked_for(
    amqp_url: str, database_url: str, migrated_database_url: str
) -> None:
    shop = LiveShop(amqp_url, database_url)
    worker = await shop.launch_worker((*WORKER_COMMAND, "--migrate"))
    await worker.logged("worker.working")
    await worker.kill()
    assert await _tables(database_url) == await _tables(migrated_database_url)


async def _tables(database_url: str) -> set[str]:
    connection = await asyncpg.connect(database_url)
    try:
        return {row["tablename"] for row in await connection.fetch("SELECT tablename FROM pg_tables")}
    finally:
        await connection.close()
