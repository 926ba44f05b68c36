"""An order log, whatever its format, as a stream of orders and bad lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from publisher.errors import InvalidInput
from publisher.order_log.csv_orders import Columns, csv_orders
from publisher.order_log.json_orders import json_orders
from publisher.order_log.lines import BadLine, numbered_lines, open_log
from publisher.order_log.logged_commands import LoggedCommand


class LogFormat(StrEnum):
    """How a log is written; both may be compressed with gzip."""

    CSV = "csv"
    JSON = "json"


_FORMATS = {
    ".csv": LogFormat.CSV,
    ".json": LogFormat.JSON,
    ".jsonl": LogFormat.JSON,
    ".ndjson": LogFormat.JSON,
}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class OrderLog:
    """One file of orders. `source` and the line make the command ids, see `line_ids`."""

    path: Path
    source: str
    format: LogFormat
    columns: Columns = field(default_factory=Columns)
    clock: Callable[[], datetime] = _now

    def read(self) -> Iterator[LoggedCommand | BadLine]:
        """Yield the lines of the file in order, one at a time.

        Raises `InvalidInput` where the file cannot be opened or lacks a column.
        """
        with open_log(self.path) as stream:
            lines = numbered_lines(stream)
            if self.format is LogFormat.JSON:
                yield from json_orders(lines, self.source)
            else:
                yield from csv_orders(lines, self.columns, self.source, self.clock)

    def read_orders(self) -> Iterator[LoggedCommand | BadLine]:
        """Yield the same, of a file whose lines name their orders. Raises `InvalidInput` where they do not."""
        if self.format is LogFormat.JSON:
            raise InvalidInput("JSON lines are commands already: a place_order is a whole order; --orders is for CSV")
        columns = replace(self.columns, order_id=self.columns.order_id or "order_id")
        return replace(self, columns=columns).read()


def default_source(path: Path) -> str:
    """Return the file's name without `.gz`: packing a log does not make it another."""
    return path.name.removesuffix(".gz")


def format_of(path: Path) -> LogFormat:
    """Return the format that the file's name tells. Raises `InvalidInput` where it tells none."""
    suffix = Path(default_source(path)).suffix.lower()
    if suffix not in _FORMATS:
        raise InvalidInput(f"{path}: the name does not tell the format; say --format csv or --format json")
    return _FORMATS[suffix]
