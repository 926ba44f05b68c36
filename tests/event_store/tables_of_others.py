"""Tables as other programs have them: the columns that everybody knows, and nothing else."""

import asyncpg


async def create_tables(
    pool: asyncpg.Pool, *, id_type: str = "uuid", data_type: str = "jsonb", time_type: str = "timestamp"
) -> None:
    await pool.execute(
        f"""
        CREATE TABLE events (
            event_id {id_type} PRIMARY KEY, aggregate_id text NOT NULL, event_type text NOT NULL,
            data {data_type} NOT NULL, "timestamp" {time_type} NOT NULL, version integer NOT NULL,
            UNIQUE (aggregate_id, version)
        );
        CREATE TABLE snapshots (
            aggregate_id text PRIMARY KEY, state {data_type} NOT NULL, version integer NOT NULL,
            "timestamp" {time_type} NOT NULL
        )
        """
    )


async def insert_event(pool: asyncpg.Pool, version: int, event_type: str, data: str, aggregate_id: str = "A") -> None:
    """Append as others would."""
    await pool.execute(
        'INSERT INTO events (event_id, aggregate_id, event_type, data, "timestamp", version) '
        "VALUES (gen_random_uuid(), $1, $2, $3, now() AT TIME ZONE 'UTC', $4)",
        aggregate_id,
        event_type,
        data,
        version,
    )
