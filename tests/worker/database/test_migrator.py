import asyncio

import asyncpg
import pytest

from worker.database.errors import MigrationChanged, SchemaMissing, SchemaNewer, SchemaOlder
from worker.database.migrator import check_schema, migrate, migrations


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [migration.version for migration in migrations()] == list(range(1, len(migrations()) + 1))


async def test_migrating_twice_changes_nothing_the_second_time(database_url: str) -> None:
    assert await migrate(database_url) == migrations()
    assert await migrate(database_url) == []
    await _check(database_url)


async def test_of_several_at_once_one_migrates_and_the_others_find_it_done(database_url: str) -> None:
    applied = await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    assert sorted(len(each) for each in applied) == [0, 0, 0, len(migrations())]


async def test_an_empty_database_is_missing_its_schema(database_url: str) -> None:
    with pytest.raises(SchemaMissing, match="run: order-worker migrate"):
        await _check(database_url)


async def test_outstanding_migrations_are_named(migrated_database_url: str) -> None:
    newest = migrations()[-1]
    await _execute(migrated_database_url, "DELETE FROM schema_migrations WHERE version = $1", newest.version)
    with pytest.raises(SchemaOlder, match=f"outstanding: {newest.version:04d} {newest.name}"):
        await _check(migrated_database_url)


async def test_a_schema_of_a_newer_program_is_neither_used_nor_migrated(migrated_database_url: str) -> None:
    await _execute(
        migrated_database_url,
        "INSERT INTO schema_migrations (version, name, checksum) VALUES (9999, 'future', 'unknown')",
    )
    for attempt in (_check, migrate):
        with pytest.raises(SchemaNewer, match="the schema is at migration 9999"):
            await attempt(migrated_database_url)


async def test_a_migration_that_was_applied_with_another_text_is_noticed(migrated_database_url: str) -> None:
    await _execute(migrated_database_url, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1")
    for attempt in (_check, migrate):
        with pytest.raises(MigrationChanged, match="migration 0001 event_store was applied with another text"):
            await attempt(migrated_database_url)


async def _check(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await check_schema(connection)
    finally:
        await connection.close()


async def _execute(database_url: str, statement: str, *arguments: object) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(statement, *arguments)
    finally:
        await connection.close()
