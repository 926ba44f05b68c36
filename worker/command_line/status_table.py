"""`order-worker status` for people, within 80 columns."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table

from worker.command_line.status_document import OPEN_STATES
from worker.operations.status import PartitionState, Problem, Status, WorkerState

OWNER_LIMIT_CHARACTERS = 22
NAME_LIMIT_CHARACTERS = 34
_MINUTE_SECONDS, _HOUR_SECONDS = 60, 3_600


def print_status(status: Status, problems: Sequence[Problem]) -> None:
    """Print the partitions, the workers, the last errors and what is wrong."""
    console = Console(highlight=False)
    console.print(_partitions(status.partitions))
    console.print(f"waiting to be forwarded: {status.ingress_ready}")
    console.print(f"dead letters: {_letters(status)}")
    for line in _held(status.partitions):
        console.print(line)
    console.print()
    console.print(_workers(status.workers))
    for line in [*_errors(status.partitions), "", *(_problems(problems) or ["no problems"])]:
        console.print(line, markup=False)


def _partitions(partitions: Iterable[PartitionState]) -> Table:
    table = _table("partition", "owner", ">epoch", ">backlog", ">oldest", ">per second", ">reservations")
    for partition in partitions:
        table.add_row(
            f"{partition.partition:02d}",
            shortened(" + ".join(partition.owners) or "nobody", OWNER_LIMIT_CHARACTERS),
            str(partition.epoch),
            str(partition.backlog),
            _oldest(partition),
            f"{partition.commands_per_second:.1f}",
            str(partition.held_reservations),
        )
    return table


def _workers(workers: Iterable[WorkerState]) -> Table:
    table = _table("worker", "since (UTC)", "partitions")
    for worker in workers:
        table.add_row(
            shortened(worker.name, NAME_LIMIT_CHARACTERS),
            _moment(worker.joined_at),
            ranges(worker.partitions) or "none",
        )
    return table


def _table(*columns: str) -> Table:
    """Return a table; a column that begins with `>` is aligned to the right."""
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
    return table


def _letters(status: Status) -> str:
    states = status.ledger.open_letters
    told = ", ".join(f"{states[state]} {state.replace('_', ' ')}" for state in OPEN_STATES if states.get(state))
    uncollected = f", {status.dead_letters_ready} to be collected" if status.dead_letters_ready else ""
    return (told or "none") + uncollected


def _held(partitions: Iterable[PartitionState]) -> Iterator[str]:
    for partition in partitions:
        if partition.held_aggregates:
            yield (
                f"partition {partition.partition:02d}: {partition.held_aggregates} SKUs or orders held, "
                f"{partition.parked_letters} commands parked behind them"
            )


def _errors(partitions: Iterable[PartitionState]) -> Iterator[str]:
    last: dict[str, list[PartitionState]] = defaultdict(list)
    for partition in partitions:
        if partition.last_error is not None:
            last[partition.last_error.message].append(partition)
    if last:
        yield "\nlast errors"
    for message, having in last.items():
        newest = max(partition.last_error.at for partition in having if partition.last_error is not None)
        yield f"{ranges(partition.partition for partition in having)}, {_moment(newest)}: {message}"


def _problems(problems: Iterable[Problem]) -> list[str]:
    having: dict[str, list[int]] = defaultdict(list)
    for problem in problems:
        having[problem.message] += [] if problem.partition is None else [problem.partition]
    return [
        f"PROBLEM {f'partition {ranges(partitions)}: ' if partitions else ''}{message}"
        for message, partitions in having.items()
    ]


def _oldest(partition: PartitionState) -> str:
    if partition.oldest_seconds is None:
        return "?" if partition.backlog else "-"
    return duration(partition.oldest_seconds)


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%m-%d %H:%M:%S}"


def duration(elapsed_seconds: float) -> str:
    """Return a length of time in the unit that fits it."""
    if elapsed_seconds < 10:  # noqa: PLR2004 - below, tenths matter
        return f"{elapsed_seconds:.1f} s"
    if elapsed_seconds < 2 * _MINUTE_SECONDS:
        return f"{elapsed_seconds:.0f} s"
    if elapsed_seconds < 2 * _HOUR_SECONDS:
        return f"{elapsed_seconds / _MINUTE_SECONDS:.0f} min"
    return f"{elapsed_seconds / _HOUR_SECONDS:.0f} h"


def ranges(partitions: Iterable[int]) -> str:
    """Return partitions as people write them: `00-03 07`."""
    runs: list[list[int]] = []
    for partition in sorted(set(partitions)):
        if runs and runs[-1][-1] == partition - 1:
            runs[-1].append(partition)
        else:
            runs.append([partition])
    return " ".join(f"{run[0]:02d}" if len(run) == 1 else f"{run[0]:02d}-{run[-1]:02d}" for run in runs)


def shortened(name: str, limit_characters: int) -> str:
    """Return `name` with its middle left out where it is too long: the ends tell workers apart."""
    if len(name) <= limit_characters:
        return name
    kept = limit_characters - 1
    return f"{name[: kept // 2]}…{name[-(kept - kept // 2) :]}"
