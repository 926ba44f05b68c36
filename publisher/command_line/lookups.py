"""`order-publisher result` and `stock`: what the database has recorded."""

import json
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer
import uvloop

from publisher.command_line.exit_codes import ExitCode, exit_code_of
from publisher.command_line.failures import complain, explained
from publisher.command_line.options import AsJson, DatabaseUrl
from publisher.command_line.tables import result_table, show, stock_table
from publisher.database.records import OrderRecords, StockLevel
from schemas.results import Result, encode_result


def result(
    command_id: Annotated[UUID, typer.Argument(metavar="COMMAND_ID", show_default=False)],
    database_url: DatabaseUrl,
    as_json: AsJson = False,
) -> None:
    """Show the stored answer of a command.

    Exits as the command itself did.
    """
    with explained():
        stored = uvloop.run(_stored_result(database_url, command_id))
        if stored is None:
            complain(f"no answer is stored for {command_id}: it is still under way, was dead-lettered, or never sent")
            raise typer.Exit(ExitCode.NO_ANSWER)
        if as_json:
            typer.echo(encode_result(stored))
        else:
            show(result_table(stored))
        raise typer.Exit(exit_code_of(stored.outcome))


def stock(
    sku: Annotated[str, typer.Argument(metavar="SKU", show_default=False)],
    database_url: DatabaseUrl,
    as_json: AsJson = False,
) -> None:
    """Show what each location holds of a SKU."""
    with explained():
        levels = uvloop.run(_stock(database_url, sku))
        if not levels:
            complain(f"there has never been any stock of {sku!a}")
            raise typer.Exit(ExitCode.REJECTED)
        if as_json:
            typer.echo(json.dumps([asdict(level) | {"available": level.available} for level in levels]))
        else:
            show(stock_table(levels))


async def _stored_result(database_url: str, command_id: UUID) -> Result | None:
    async with OrderRecords(database_url) as records:
        return await records.stored_result(command_id)


async def _stock(database_url: str, sku: str) -> list[StockLevel]:
    async with OrderRecords(database_url) as records:
        return await records.stock(sku)
