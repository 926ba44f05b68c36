"""`order-worker status`."""

import asyncio
import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from worker.command_line.checked_database import checked_database
from worker.command_line.failures import explained
from worker.command_line.options import AmqpUrl, AsJson, DatabaseUrl
from worker.operations import status as operation
from worker.operations.status import Status


def status(amqp_url: AmqpUrl, database_url: DatabaseUrl, as_json: AsJson = False) -> None:
    """Show who owns each partition, how many commands wait, and what needs attention."""
    with explained():
        found = asyncio.run(_status(amqp_url, database_url))
    if as_json:
        typer.echo(json.dumps({**asdict(found), "problems": found.problems}, default=str))
    else:
        _print(found)


async def _status(amqp_url: str, database_url: str) -> Status:
    async with checked_database(database_url) as connection:
        return await operation.status(connection, amqp_url)


def _print(found: Status) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("partition", "owner", "epoch", "since (UTC)", "answered", "reservations", "waiting", "consumed"):
        table.add_column(name, justify="left" if name in {"owner", "since (UTC)"} else "right")
    for partition in found.partitions:
        table.add_row(
            f"{partition.partition:02d}",
            partition.owner or "-",
            str(partition.epoch),
            "-" if partition.claimed_at is None else f"{partition.claimed_at:%m-%d %H:%M:%S}",
            str(partition.answered),
            str(partition.held_reservations),
            str(partition.ready),
            "yes" if partition.active else "no",
        )
    console = Console()
    console.print(table)
    console.print(f"waiting to be forwarded: {found.ingress_ready}   dead letters: {found.dead_letters}")
    for problem in found.problems or ["no problems"]:
        console.print(problem, markup=False)
