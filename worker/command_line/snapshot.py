"""`order-worker snapshot`."""

import asyncio
from typing import Annotated

import asyncpg
import typer

from worker.command_line.checked_database import checked_database
from worker.command_line.failures import explained
from worker.command_line.options import DatabaseUrl
from worker.operations import snapshotting
from worker.operations.snapshotting import Snapshotted

LeastEvents = Annotated[
    int, typer.Option(metavar="COUNT", min=1, help="Leave alone what has fewer events since its last snapshot")
]


def snapshot(database_url: DatabaseUrl, least_events: LeastEvents = 1_000) -> None:
    """Snapshot the SKUs that have grown, so that replays are short; workers may go on meanwhile."""
    with explained():
        done = asyncio.run(_snapshot(database_url, least_events))
    typer.echo(f"{done.made} snapshots made; {done.left} SKUs had fewer than {least_events} new events")


async def _snapshot(database_url: str, least_events: int) -> Snapshotted:
    async with checked_database(database_url), asyncpg.create_pool(database_url, min_size=1, max_size=1) as pool:
        return await snapshotting.snapshot(pool, least_events)
