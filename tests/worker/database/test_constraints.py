"""What the database refuses, whoever asks and however."""

import asyncpg
import pytest

APPEND_ONLY = ["events", "audit_log", "commands"]
ROWS = {
    "events": "INSERT INTO events VALUES ('A', 1, gen_random_uuid(), 'StockAdded', '{}', now())",
    "audit_log": "INSERT INTO audit_log VALUES (now(), 'till', 5, 'A', 'main', 5, NULL, gen_random_uuid(), '', '', 1)",
    "commands": "INSERT INTO commands VALUES (gen_random_uuid(), 'x', 0, 1, '{}')",
}
CHANGES = {
    "update": {
        "events": "UPDATE events SET data = '{\"quantity\": 9}'",
        "audit_log": "UPDATE audit_log SET \"user\" = 'somebody else'",
        "commands": "UPDATE commands SET answer = '{}'",
    },
    "delete": {table: f"DELETE FROM {table}" for table in APPEND_ONLY},  # noqa: S608
    "truncate": {table: f"TRUNCATE {table} CASCADE" for table in APPEND_ONLY},
    "overwrite": {
        "events": ROWS["events"] + " ON CONFLICT (aggregate_id, version) DO UPDATE SET data = '{}'",
        "audit_log": ROWS["audit_log"] + " ON CONFLICT (sku, version, location) DO UPDATE SET balance = 9",
        "commands": ROWS["commands"] + " ON CONFLICT (partition, sequence) DO UPDATE SET answer = '{}'",
    },
}

IMPOSSIBLE_ROWS = [
    "INSERT INTO stock_levels VALUES ('A', 'main', -1, 0, 1)",
    "INSERT INTO stock_levels VALUES ('A', 'main', 1, -1, 1)",
    "INSERT INTO stock_levels VALUES ('A', 'main', 1, 2, 1)",
    "INSERT INTO stock_levels VALUES ('A', 'main', 1, 0, 0)",
    "INSERT INTO audit_log VALUES (now(), 'till', -5, 'A', 'main', -1, NULL, gen_random_uuid(), '', '', 1)",
    "INSERT INTO events VALUES ('A', 0, gen_random_uuid(), 'StockAdded', '{}', now())",
    "INSERT INTO commands VALUES (gen_random_uuid(), 'x', 0, 0, '{}')",
    "INSERT INTO partitions (partition) VALUES (-1)",
    "INSERT INTO topology (partition_count, recorded_at) VALUES (0, now())",
    "INSERT INTO topology (partition_count, recorded_at) VALUES (101, now())",
    "INSERT INTO topology (only_row, partition_count, recorded_at) VALUES (false, 4, now())",
]


@pytest.mark.parametrize("role", ["origin", "replica"])
async def test_what_was_appended_can_be_neither_changed_nor_removed(connection: asyncpg.Connection, role: str) -> None:
    await connection.execute(f"SET session_replication_role = {role}")
    for table in APPEND_ONLY:
        await connection.execute(ROWS[table])
        for change in CHANGES.values():
            with pytest.raises(asyncpg.RestrictViolationError, match=f"{table} is append-only"):
                await connection.execute(change[table])
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 1  # noqa: S608


async def test_a_row_that_cannot_be_true_is_refused(connection: asyncpg.Connection) -> None:
    for row in IMPOSSIBLE_ROWS:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(row)


async def test_one_version_and_one_command_and_one_number_are_taken_once(connection: asyncpg.Connection) -> None:
    for table in APPEND_ONLY:
        await connection.execute(ROWS[table])
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(ROWS[table])
