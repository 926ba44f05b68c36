"""`order-worker rebuild`."""

import asyncio

import typer

from worker.command_line.checked_database import checked_database
from worker.command_line.failures import ExitCode, explained
from worker.command_line.options import DatabaseUrl
from worker.operations import rebuilding
from worker.operations.rebuilding import Rebuilt


def rebuild(database_url: DatabaseUrl) -> None:
    """Make the rows of stock, reservations and orders again from the events; workers may go on meanwhile.

    Names each SKU whose events no rows can express, and leaves it alone; exit code 1 if there is one.
    """
    with explained():
        rebuilt = asyncio.run(_rebuild(database_url))
    typer.echo(
        f"{rebuilt.aggregates} SKUs and orders folded; "
        f"{rebuilt.corrected} rows corrected, {rebuilt.removed} removed that no event explains"
    )
    for sku, problem in rebuilt.unfoldable.items():
        typer.echo(f"{sku}: left as it is, its events cannot be folded: {problem}; see `order-worker verify`", err=True)
    if rebuilt.unfoldable:
        raise typer.Exit(ExitCode.FINDING)


async def _rebuild(database_url: str) -> Rebuilt:
    async with checked_database(database_url) as connection:
        return await rebuilding.rebuild(connection)
