"""Makes sure, before anything else, that the database fits; waits for it where it is away."""

import asyncpg

from worker.database.migrator import check_schema, migrate
from worker.database.topology import record_partition_count
from worker.service.settings import Settings

CONNECT_TIMEOUT_SECONDS = 10.0
"""A database that accepts but does not answer counts as away after this long."""

STATEMENT_TIMEOUT_SECONDS = 30.0

DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What to wait for. Anything else, such as a refused login, is for the operator."""


async def prepare_database(settings: Settings, *, migrate_first: bool) -> str:
    """Migrate if asked to, check the schema, record the partition count; return what tells this shop from others.

    Raises one of `DATABASE_AWAY` where it is worth trying again, and
    `SchemaError` where it is not.
    """
    url = settings.database_url.get_secret_value()
    if migrate_first:
        await migrate(url)
    connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_SECONDS, command_timeout=STATEMENT_TIMEOUT_SECONDS)
    try:
        await check_schema(connection)
        return await record_partition_count(connection, settings.partition_count)
    finally:
        await connection.close()
