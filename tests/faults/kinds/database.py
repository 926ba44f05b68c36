"""The database dies, ends sessions, has no room, takes no writes."""

import asyncio
import os
import shutil
from contextlib import AsyncExitStack

import asyncpg

from tests.faults.cluster.cluster import Cluster
from tests.faults.kinds.kind import Facts, Kind, Need, NotReached, database

OUTAGE_SECONDS = 1.5
WAITING_SECONDS = 0.4
"""By then every lane with a command waits for the row of its partition."""
STATEMENT_TIMEOUT_MILLISECONDS = 200
CONNECTION_LIMIT = 1_000


async def _killed(cluster: Cluster, _target: int) -> Facts:
    await asyncio.to_thread(cluster.control.kill_database)
    await asyncio.to_thread(cluster.control.start_database)
    return {}


async def _restarted(cluster: Cluster, _target: int) -> Facts:
    await asyncio.to_thread(cluster.control.stop_database)
    await asyncio.to_thread(cluster.control.start_database)
    return {}


async def _sessions_ended(cluster: Cluster, _target: int) -> Facts:
    """End every worker's session while its statement waits for the row of its partition."""
    async with cluster.admin.connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM partitions FOR UPDATE")
        await asyncio.sleep(WAITING_SECONDS)
        ended = await cluster.admin.end_sessions(connection)
    if not ended:
        raise NotReached("no worker had a session")
    return {"sessions": ended}


async def _statements_timed_out(cluster: Cluster, _target: int) -> Facts:
    await cluster.admin.set("statement_timeout", f"{STATEMENT_TIMEOUT_MILLISECONDS}ms")
    async with cluster.admin.connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM partitions FOR UPDATE")
        await asyncio.sleep(OUTAGE_SECONDS)
    await cluster.admin.reset()
    return {}


async def _read_only(cluster: Cluster, _target: int) -> Facts:
    await cluster.admin.set("default_transaction_read_only", "on")
    await asyncio.sleep(OUTAGE_SECONDS)
    await cluster.admin.reset()
    return {}


async def _connections_exhausted(cluster: Cluster, _target: int) -> Facts:
    """Take every connection there is, end those of the workers, and take these, too."""
    async with AsyncExitStack() as stack:
        admin = await stack.enter_async_context(cluster.admin.connection())
        taken = await _take_connections(cluster, stack)
        await cluster.admin.end_sessions(admin)
        taken += await _take_connections(cluster, stack)
        await asyncio.sleep(OUTAGE_SECONDS)
    return {"connections": taken}


async def _take_connections(cluster: Cluster, stack: AsyncExitStack) -> int:
    """Open connections until the server has no more; return how many."""
    for taken in range(CONNECTION_LIMIT):
        try:
            await stack.enter_async_context(cluster.admin.connection())
        except asyncpg.TooManyConnectionsError:
            return taken
    raise NotReached(f"there are more than {CONNECTION_LIMIT} connections")


async def _disk_full(cluster: Cluster, _target: int) -> Facts:
    assert cluster.disk is not None
    ballast = cluster.disk / "ballast"
    try:
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(cluster.disk).free)
        await asyncio.sleep(OUTAGE_SECONDS)
    finally:
        ballast.unlink(missing_ok=True)
    return {}


DATABASE_KINDS = (
    Kind("database.killed", _killed, database, weight=3),
    Kind("database.restarted", _restarted, database, weight=3),
    Kind("database.sessions_ended", _sessions_ended, database),
    Kind("database.statements_timed_out", _statements_timed_out, database, weight=3),
    Kind("database.read_only", _read_only, database, weight=3),
    Kind("database.connections_exhausted", _connections_exhausted, database, weight=2),
    Kind("database.disk_full", _disk_full, database, weight=3, needs=Need.SMALL_DISK),
)
