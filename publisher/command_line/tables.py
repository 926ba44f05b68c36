"""Results, stock and summaries as a person reads them; the fit into 80 columns is tested."""

from collections.abc import Iterable
from datetime import datetime

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from publisher.database.records import StockLevel
from publisher.order_log.summary import ImportSummary
from schemas.results import LineResult, OrderResult, Outcome, Result

COLOURS = {Outcome.APPLIED: "green", Outcome.REJECTED: "yellow", Outcome.DEAD_LETTERED: "red"}


def show(table: RenderableType) -> None:
    """Print `table` to the standard output, coloured on a terminal."""
    console = Console()
    with console.capture() as capture:
        console.print(table)
    # Not by the console itself: it would end the program in its own way where the output is closed.
    typer.echo(capture.get(), nl=False)


def result_table(result: Result) -> RenderableType:
    """Return one answer, a line for each thing to know, and for each line of an order."""
    lines = result.lines if isinstance(result, OrderResult) else ()
    return Group(_facts(result), "", _order_lines(lines)) if lines else _facts(result)


def _facts(result: Result) -> Table:
    facts = (
        ("outcome", Text(result.outcome, style=COLOURS[result.outcome])),
        ("reason", result.reason),
        ("", result.message),
        ("command", None if result.type is None else command_told(result)),
        ("id", result.command_id),
        ("user", result.user),
        ("reservation", result.reservation_id),
        ("expires", _moment(result.expires_at)),
        ("available", _levels(result)),
        ("version", result.version),
        ("committed", _moment(result.committed_at)),
    )
    table = Table.grid(padding=(0, 2))
    for name, value in facts:
        if value is not None:
            table.add_row(name, value if isinstance(value, Text) else Text(str(value)))
    return table


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(sep=" ", timespec="milliseconds")


def _levels(result: Result) -> str | None:
    if result.available is None:
        return None
    return f"{result.available} (on hand {result.on_hand}, reserved {result.reserved})"


def command_told(result: Result) -> str:
    """Return what was asked for: `transfer 5 of 85123A at main to attic`, `cancel_order 1700`."""
    if isinstance(result, OrderResult):
        return f"{result.type} {result.order_id}"
    if result.sku is None:
        return str(result.type)
    quantity = "" if result.quantity is None else f" {result.quantity}"
    goal = "" if result.to_location is None else f" to {result.to_location}"
    return f"{result.type}{quantity} of {result.sku} at {result.location}{goal}"


def _order_lines(lines: Iterable[LineResult]) -> Table:
    table = Table("sku", "location", box=None, pad_edge=False)
    table.add_column("asked", justify="right")
    table.add_column("sold", justify="right")
    table.add_column("reason")
    for line in lines:
        table.add_row(
            Text(line.sku), Text(line.location), f"{line.quantity:,}", f"{line.sold:,}", Text(line.reason or "")
        )
    return table


def stock_table(levels: Iterable[StockLevel]) -> Table:
    """Return a line for each location."""
    table = Table("location", box=None, pad_edge=False)
    for heading in ("on hand", "reserved", "available", "version"):
        table.add_column(heading, justify="right")
    for level in levels:
        numbers = (level.on_hand, level.reserved, level.available, level.version)
        table.add_row(Text(level.location), *(f"{number:,}" for number in numbers))
    return table


def summary_table(summary: ImportSummary) -> RenderableType:
    """Return a line for each way in which lines ended, and one for each way in which orders did."""
    orders, lines = _ended_orders(summary), _ended_lines(summary)
    parts = [table for table in (orders, lines) if table.row_count]
    return Group(*(part for table in parts for part in (table, ""))) if orders.row_count else lines


def _ended_orders(summary: ImportSummary) -> Table:
    table = Table("outcome", "reason", box=None, pad_edge=False)
    for heading in ("orders", "lines", "sold", "units", "sold"):
        table.add_column(heading, justify="right")
    for (outcome, reason), counts in summary.orders_by_frequency():
        numbers = (counts.orders, counts.lines, counts.sold_lines, counts.units, counts.sold_units)
        table.add_row(Text(outcome, style=COLOURS[outcome]), reason or "", *(f"{number:,}" for number in numbers))
    if summary.bad_order_count:
        numbers_of_bad = (summary.bad_order_count, summary.bad_order_line_count)
        table.add_row(Text("bad order", style="red"), "not sent", *(f"{number:,}" for number in numbers_of_bad))
    return table


def _ended_lines(summary: ImportSummary) -> Table:
    table = Table("outcome", "reason", box=None, pad_edge=False)
    table.add_column("lines", justify="right")
    for (outcome, reason), count in summary.answers.most_common():
        table.add_row(Text(outcome, style=COLOURS[outcome]), reason or "", f"{count:,}")
    if summary.unanswered_count:
        table.add_row("no answer", "", f"{summary.unanswered_count:,}")
    if summary.bad_line_count:
        table.add_row(Text("bad line", style="red"), "not sent", f"{summary.bad_line_count:,}")
    return table


def reading_table(summary: ImportSummary) -> Table:
    """Return what a file holds, before anything is sent."""
    table = Table("command", box=None, pad_edge=False)
    for heading in ("commands", "lines", "units"):
        table.add_column(heading, justify="right")
    for kind, count in summary.commands.most_common():
        table.add_row(kind, f"{count:,}", f"{summary.lines[kind]:,}", f"{summary.units[kind]:,}")
    if summary.bad_order_count:
        numbers = (f"{summary.bad_order_count:,}", f"{summary.bad_order_line_count:,}")
        table.add_row(Text("bad order", style="red"), *numbers)
    if summary.bad_line_count:
        table.add_row(Text("bad line", style="red"), "", f"{summary.bad_line_count:,}")
    return table
