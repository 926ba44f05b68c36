"""`order-publisher watch`: everybody's results, as they come."""

import sys
from typing import Annotated

import typer
import uvloop
from rich.cells import cell_len, set_cell_size

from publisher.command_line.failures import explained
from publisher.command_line.options import DEFAULT_AMQP_URL, AmqpUrl, client_of
from publisher.command_line.tables import COLOURS
from schemas.partitions import DEFAULT_PARTITION_COUNT
from schemas.results import Outcome, Result, encode_result

_WIDTHS = {"time": 8, "outcome": 8, "type": 8, "sku": 12, "location": 8, "quantity": 5, "left": 6, "reason": 18}
"""Together with the spaces between them, 80 columns."""

_SHORT_OUTCOMES = {Outcome.DEAD_LETTERED: "dead"}
_RIGHT_ALIGNED = frozenset({"quantity", "left"})


def watch(
    pattern: Annotated[
        str,
        typer.Option(
            metavar="PATTERN", help="Of <requester>.<outcome>.<type>.<sku>; '*.dead_lettered.#' are the dead letters"
        ),
    ] = "#",
    queue: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A durable queue, which keeps the results while nobody watches"),
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="NUMBER", min=1, help="Stop after so many  [default: never]")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines, as is done where this is piped")] = False,
    amqp_url: AmqpUrl = DEFAULT_AMQP_URL,
) -> None:
    """Show everybody's results as they come, until Ctrl-C. Repeated answers are shown once."""
    with explained():
        uvloop.run(_watch(amqp_url, pattern, queue, count, as_json=as_json or not sys.stdout.isatty()))


async def _watch(amqp_url: str, pattern: str, queue: str | None, count: int | None, *, as_json: bool) -> None:
    client = client_of(amqp_url, DEFAULT_PARTITION_COUNT)
    shown = 0
    async with client.results(pattern, queue=queue) as results:
        if not as_json:
            typer.secho(_columns({name: name for name in _WIDTHS} | {"quantity": "units"}), bold=True)
        async for result in results:
            _show(result, as_json=as_json)
            shown += 1
            if shown == count:
                await results.acknowledge()
                return


def _show(result: Result, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(encode_result(result).decode() + "\n")
        sys.stdout.flush()
    else:
        typer.secho(line_of(result), fg=COLOURS[result.outcome])


def line_of(result: Result) -> str:
    """Return one result as a line of at most 80 columns; what is too long is cut."""
    return _columns(
        {
            "time": result.committed_at.strftime("%H:%M:%S") if result.committed_at else "",
            "outcome": _SHORT_OUTCOMES.get(result.outcome, result.outcome),
            "type": result.type or "",
            "sku": result.aggregate_id or "",
            "location": result.location or "",
            "quantity": "" if result.quantity is None else str(result.quantity),
            "left": "" if result.available is None else str(result.available),
            "reason": result.reason or "",
        }
    )


def _columns(values: dict[str, str]) -> str:
    return " ".join(_cell(name, values[name], width) for name, width in _WIDTHS.items()).rstrip()


def _cell(name: str, value: str, width: int) -> str:
    # A result repeats what a sender wrote: nothing of it may steer the terminal.
    shown = "".join(character if character.isprintable() else "?" for character in value)
    if cell_len(shown) > width:
        shown = f"{set_cell_size(shown, width - 1)}…"
    return shown.rjust(width) if name in _RIGHT_ALIGNED else set_cell_size(shown, width)
