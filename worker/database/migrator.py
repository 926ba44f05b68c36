"""Applies the migrations, and says whether a database fits this program."""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from worker.database.errors import MigrationChanged, SchemaMissing, SchemaNewer, SchemaOlder

_FILE_NAME = re.compile(r"^(\d{4})_(\w+)\.sql$")

# Any fixed number serves; this one is read as "ORDERS" on a telephone's keys.
_MIGRATION_LOCK = 673377

_CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Return the SHA-256 of the text, by which a changed file is noticed."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Return the migrations of this program in order."""
    found = []
    for file in files("worker.database").joinpath("migrations").iterdir():
        match = _FILE_NAME.match(file.name)
        if match:
            found.append(Migration(int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: migration.version)


async def migrate(database_url: str) -> list[Migration]:
    """Apply what is outstanding, each migration in a transaction of its own; return what was applied.

    Safe to run from several places at once: one does the work, the others wait
    and find it done. Raises `SchemaNewer` or `MigrationChanged` and changes
    nothing where the database does not belong to this program.
    """
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK)
        await connection.execute(_CREATE_LEDGER)
        outstanding = _outstanding(await _applied(connection))
        for migration in outstanding:
            await _apply(connection, migration)
        return outstanding
    finally:
        await connection.close()


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(
            "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.checksum,
        )


async def check_schema(connection: asyncpg.Connection) -> None:
    """Return if the database is exactly at this program's schema.

    Raises `SchemaMissing`, `SchemaOlder`, `SchemaNewer` or `MigrationChanged`,
    each saying what to do.
    """
    if await connection.fetchval("SELECT to_regclass('schema_migrations')") is None:
        raise SchemaMissing("the database holds no order-worker schema; run: order-worker migrate")
    outstanding = _outstanding(await _applied(connection))
    if outstanding:
        names = ", ".join(f"{migration.version:04d} {migration.name}" for migration in outstanding)
        raise SchemaOlder(f"the schema is older than this program; outstanding: {names}; run: order-worker migrate")


async def _applied(connection: asyncpg.Connection) -> dict[int, str]:
    rows = await connection.fetch("SELECT version, checksum FROM schema_migrations")
    return {row["version"]: row["checksum"] for row in rows}


def _outstanding(applied: dict[int, str]) -> list[Migration]:
    known = {migration.version: migration for migration in migrations()}
    for version, checksum in sorted(applied.items()):
        if version not in known:
            raise SchemaNewer(
                f"the schema is at migration {version:04d}, this program knows up to {max(known):04d}; "
                "upgrade order-worker"
            )
        if known[version].checksum != checksum:
            raise MigrationChanged(
                f"migration {version:04d} {known[version].name} was applied with another text than this program has; "
                "the database belongs to another build"
            )
    return [migration for version, migration in known.items() if version not in applied]
