"""`order-worker verify`."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict

import typer

from worker.command_line.checked_database import checked_database
from worker.command_line.failures import ExitCode, explained
from worker.command_line.options import AsJson, DatabaseUrl
from worker.operations import verification
from worker.operations.verification import Difference, Verification


def verify(database_url: DatabaseUrl, as_json: AsJson = False) -> None:
    """Fold every SKU's events and compare stock rows, audit rows, answers and snapshots with them.

    Names each difference; exit code 1 if there is one. Workers may go on meanwhile.
    """
    with explained():
        found = asyncio.run(_verify(database_url, _print_json if as_json else _print_text))
    uncompared = found.uncompared_snapshots
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(
            f"{found.aggregates} SKUs, {found.events} events, {found.answers} answers: "
            + (f"{found.differences} differences" if found.differences else "everything agrees")
            + (f"; {uncompared} snapshots of programs' own were not compared" if uncompared else "")
        )
    if found.differences:
        raise typer.Exit(ExitCode.FINDING)


async def _verify(database_url: str, report: Callable[[Difference], None]) -> Verification:
    async with checked_database(database_url) as connection:
        return await verification.verify(connection, report)


def _print_text(difference: Difference) -> None:
    typer.echo(f"{difference.sku}: {difference.kind}: {difference.message}")


def _print_json(difference: Difference) -> None:
    typer.echo(json.dumps(asdict(difference), ensure_ascii=False))
