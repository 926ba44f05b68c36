"""`order-publisher import`: a file of orders."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated, TextIO

import typer
import uvloop

from publisher.answer_stream import OUTSTANDING_LIMIT_COMMANDS
from publisher.client import OrderClient
from publisher.command_line.bad_lines import BadLineReport
from publisher.command_line.exit_codes import ExitCode
from publisher.command_line.failures import explained
from publisher.command_line.options import DEFAULT_AMQP_URL, AmqpUrl, AsJson, Partitions, client_of
from publisher.command_line.progress import ImportProgress
from publisher.command_line.tables import reading_table, show, summary_table
from publisher.errors import InvalidInput
from publisher.order_log.csv_orders import Columns
from publisher.order_log.importing import LogImport
from publisher.order_log.lines import BadLine, count_lines, open_log
from publisher.order_log.logged_commands import LoggedCommand
from publisher.order_log.reading import LogFormat, OrderLog, default_source, format_of
from publisher.order_log.summary import ImportSummary
from publisher.order_log.whole_orders import DEFAULT_EXPIRES_IN_SECONDS, OrderTerms, whole_orders
from schemas.order_commands import ORDER_EXPIRES_IN_LIMIT_SECONDS
from schemas.partitions import DEFAULT_PARTITION_COUNT
from schemas.results import Result, encode_result

ORDERS_AT_ONCE = 200
"""Enough to keep the workers busy; with more, each only waits longer for its lines, and its deadline runs."""

DEFAULT_PATIENCE_SECONDS = 60.0
"""Longer than a worker needs to take over from one that was killed."""


def import_log(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    format: Annotated[  # noqa: A002  the flag's name
        LogFormat | None, typer.Option(help="CSV, or a command as JSON a line  [default: as the name tells]")
    ] = None,
    sku_column: Annotated[str, typer.Option(metavar="NAME")] = "sku",
    quantity_column: Annotated[str, typer.Option(metavar="NAME")] = "quantity",
    user_column: Annotated[str | None, typer.Option(metavar="NAME", help="[default: user, if there is one]")] = None,
    order_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="[default: order_id, if there is one]")
    ] = None,
    location_column: Annotated[
        str | None, typer.Option(metavar="NAME", help="[default: location, if there is one]")
    ] = None,
    orders: Annotated[bool, typer.Option("--orders", help="Place each order of the file whole, or not at all")] = False,
    allow_partial: Annotated[bool, typer.Option("--allow-partial", help="With --orders: sell what can be had")] = False,
    expires_in: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS",
            min=1,
            max=ORDER_EXPIRES_IN_LIMIT_SECONDS,
            help=f"With --orders: refuse what is undecided by then  [default: {DEFAULT_EXPIRES_IN_SECONDS}]",
        ),
    ] = None,
    at_once: Annotated[
        int | None,
        typer.Option(
            metavar="COUNT",
            min=1,
            help="How many to send before the first is answered; 1: in the file's order, one by one  "
            f"[default: {OUTSTANDING_LIMIT_COMMANDS}; with --orders {ORDERS_AT_ONCE}]",
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="What to call this log  [default: its name without .gz]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and summarise, send nothing")] = False,
    bad_lines: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all bad lines there; 20 are shown")
    ] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write each result with its line number there, as JSON lines")
    ] = None,
    timeout_seconds: Annotated[
        float,
        typer.Option(
            envvar="ORDERS_IMPORT_TIMEOUT_SECONDS", metavar="SECONDS", min=0.001, help="Give up after so long no answer"
        ),
    ] = DEFAULT_PATIENCE_SECONDS,
    progress: Annotated[
        bool | None, typer.Option("--progress/--no-progress", help="A bar  [default: on a terminal]")
    ] = None,
    as_json: AsJson = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
    partitions: Partitions = DEFAULT_PARTITION_COUNT,
) -> None:
    """Send a file of orders, plain or gzip, and summarise the answers.

    A CSV row with a positive quantity is a purchase, with a negative one a
    restock; an empty user becomes `import`. A bad line is reported and the
    rest goes on. JSON lines carry a command each, `command_id` optional.

    With --orders, the purchases that name the same order, wherever they
    stand, are one order, placed where the order's last line stands; returns
    stay restocks in their place. An order with a bad line is not sent.

    Importing a file again changes nothing, also when it was interrupted or
    has grown: a line's command id is made of the log's name, the line's number
    and its text. So a file that was renamed needs --source with its old name,
    and another file of the same name needs a --source of its own. A whole
    order's is made of the log's name and the order's id.
    """
    with explained(), ExitStack() as stack:
        columns = Columns(sku_column, quantity_column, user_column, order_column, location_column)
        log = OrderLog(file, source or default_source(file), format or format_of(file), columns)
        if not orders and (allow_partial or expires_in is not None):
            raise InvalidInput("--allow-partial and --expires-in are about whole orders: say --orders, too")
        terms = OrderTerms(log.source, log.clock, allow_partial, expires_in or DEFAULT_EXPIRES_IN_SECONDS)
        with open_log(file):
            pass  # a file that cannot be read is told before a broker that is away
        shown = sys.stderr.isatty() if progress is None else progress
        bar = stack.enter_context(ImportProgress(count_lines(file) if shown else 0, shown=shown))
        report = BadLineReport(bar.say, stack.enter_context(_written(bad_lines)))
        result_lines = stack.enter_context(_written(results))

        def on_bad(bad: BadLine) -> None:
            report.add(bad)
            bar.advance(bad.line_count)

        def on_answer(logged: LoggedCommand, result: Result) -> None:
            _write_result(result_lines, logged.line, result)
            bar.advance(logged.line_count)

        logged = stack.enter_context(whole_orders(log.read_orders(), terms)) if orders else log.read()
        log_import = LogImport(logged, on_bad=on_bad, on_answer=on_answer)
        stack.enter_context(_summarised(log_import.summary, bar, dry_run=dry_run, as_json=as_json))
        if dry_run:
            log_import.read_only()
        else:
            limit = at_once or (ORDERS_AT_ONCE if orders else OUTSTANDING_LIMIT_COMMANDS)
            uvloop.run(_send(log_import, client_of(amqp_url, partitions), timeout_seconds, limit))
        bar.finish()
    raise typer.Exit(_exit_code(log_import.summary))


async def _send(log_import: LogImport, client: OrderClient, timeout_seconds: float, outstanding_limit: int) -> None:
    async with client:
        await log_import.send(client, timeout_seconds=timeout_seconds, outstanding_limit=outstanding_limit)


def _exit_code(summary: ImportSummary) -> ExitCode:
    if summary.has_bad:
        return ExitCode.BAD_LINES
    return ExitCode.DEAD_LETTERED if summary.dead_letter_count else ExitCode.DONE


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror or error}") from error
    with file:
        yield file


def _write_result(file: TextIO | None, line: int, result: Result) -> None:
    if file is not None:
        fields = encode_result(result).decode().removeprefix("{")
        file.write(f'{{"line":{line},{fields}\n')


@contextmanager
def _summarised(summary: ImportSummary, bar: ImportProgress, *, dry_run: bool, as_json: bool) -> Iterator[None]:
    """Print the summary at the end, also of an import that was broken off: then it says how far it came."""
    started = monotonic()
    try:
        yield
    finally:
        bar.stop()
        seconds = monotonic() - started
        if summary.command_count or summary.has_bad:
            _print_summary(summary, seconds, dry_run=dry_run, as_json=as_json)


def _print_summary(summary: ImportSummary, seconds: float, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        counts = summary.reading_as_json() if dry_run else summary.as_json()
        typer.echo(json.dumps(counts | {"dry_run": dry_run, "seconds": round(seconds, 3)}))
    elif dry_run:
        show(reading_table(summary))
    else:
        show(summary_table(summary))
        typer.echo(f"{summary.answered_count:,} answers in {seconds:.1f} s, {summary.answered_count / seconds:,.0f}/s")
