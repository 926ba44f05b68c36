"""`order-worker migrate`."""

import asyncio

import typer

from worker.command_line.failures import explained
from worker.command_line.options import DatabaseUrl
from worker.database import migrator


def migrate(database_url: DatabaseUrl) -> None:
    """Bring the database to this program's schema; safe to repeat, and from several places at once."""
    with explained():
        applied = asyncio.run(migrator.migrate(database_url))
    for migration in applied:
        typer.echo(f"applied {migration.version:04d} {migration.name}")
    if not applied:
        typer.echo("nothing to apply: the schema is current")
