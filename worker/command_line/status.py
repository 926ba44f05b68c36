"""`order-worker status`."""

import asyncio
import json

import typer

from worker.command_line.checked_database import checked_database
from worker.command_line.failures import ExitCode, explained
from worker.command_line.options import AmqpUrl, AsJson, DatabaseUrl
from worker.command_line.status_document import document
from worker.command_line.status_table import print_status
from worker.operations import status as operation
from worker.operations.status import Status, problems_of


def status(amqp_url: AmqpUrl, database_url: DatabaseUrl, as_json: AsJson = False) -> None:
    """Show who owns each partition, how much waits, who is at work, and what needs attention.

    Asks the workers themselves, and looks for about two seconds. Exit code 1 if anything needs attention.
    """
    with explained():
        found = asyncio.run(_status(amqp_url, database_url))
    wrong = problems_of(found)
    if as_json:
        typer.echo(json.dumps(document(found, wrong)))
    else:
        print_status(found, wrong)
    if wrong:
        raise typer.Exit(ExitCode.FINDING)


async def _status(amqp_url: str, database_url: str) -> Status:
    async with checked_database(database_url) as connection:
        return await operation.status(connection, amqp_url)
