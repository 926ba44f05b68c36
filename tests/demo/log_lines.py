"""An order log, read without the project's code, so that a mistake there is not repeated here."""

import csv
import gzip
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

from tests.demo.columns import ColumnOptions, LogColumns, find_columns
from tests.demo.errors import DemoError

SKU_LIMIT_BYTES = 100
QUANTITY_LIMIT = 1_000_000_000

_GZIP_START = b"\x1f\x8b"
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
_NO_TEXT = {"Cc", "Cs"}
"""Control characters, and what stands for bytes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line that sells (positive) or takes back (negative) units of a SKU, written exactly so."""

    number: int
    sku: str
    quantity: int
    order: str = ""
    user: str = ""


@dataclass(frozen=True, slots=True)
class ReadLog:
    """What a log holds: its orders, and the numbers of the lines that are none."""

    columns: LogColumns
    orders: list[OrderLine]
    no_orders: list[int]
    spoilt: dict[str, int] = field(default_factory=dict)
    """Orders that have one of the latter, as far as that can be told, with its number."""


def read_log(path: Path, options: ColumnOptions) -> ReadLog:
    """Read the CSV file at `path`, plain or gzip. Raises `DemoError` where it holds no order, or lacks a column."""
    try:
        log = _read(path, options)
    except (OSError, EOFError, zlib.error, csv.Error) as error:
        raise DemoError(f"{path} cannot be read: {error}") from error
    if not log.orders:
        raise DemoError(f"{path} holds no order")
    return log


def _read(path: Path, options: ColumnOptions) -> ReadLog:
    with _open(path) as file:
        rows = _numbered_rows(file)
        _, header = next(rows, (0, []))
        names = [name.strip() for name in header]
        columns = find_columns(names, options)
        log = ReadLog(columns, [], [])
        for number, row in rows:
            _sort_in(log, number, dict(zip(names, row, strict=False)) if len(row) == len(header) else {})
    return log


def _sort_in(log: ReadLog, number: int, row: dict[str, str]) -> None:
    columns = log.columns
    order = row.get(columns.order or "", "").strip()
    line = _order(number, row.get(columns.sku, ""), row.get(columns.quantity, ""))
    if line is None:
        log.no_orders.append(number)
        log.spoilt.setdefault(order, number)
    else:
        log.orders.append(replace(line, order=order, user=row.get(columns.user or "", "").strip()))


def _open(path: Path) -> TextIOWrapper:
    with path.open("rb") as plain:
        compressed = plain.read(len(_GZIP_START)) == _GZIP_START
    stream = cast("BinaryIO", gzip.open(path)) if compressed else path.open("rb")  # noqa: SIM115  closed with its wrapper
    # What is not UTF-8 matters only in the columns that are read.
    return TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _numbered_rows(file: TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the number of its first line: a quoted field may hold line ends."""
    reader = csv.reader(file)
    number = 1
    for row in reader:
        if any(field.strip() for field in row[:1]) or len(row) > 1:
            yield number, row
        number = reader.line_num + 1


def _order(number: int, sku: str, quantity: str) -> OrderLine | None:
    sku, quantity = sku.strip(), quantity.strip()
    if not _is_sku(sku) or not _WHOLE_NUMBER.fullmatch(quantity):
        return None
    units = int(quantity)
    return OrderLine(number, sku, units) if 0 < abs(units) <= QUANTITY_LIMIT else None


def _is_sku(text: str) -> bool:
    if any(unicodedata.category(character) in _NO_TEXT for character in text):
        return False
    return 0 < len(text.encode()) <= SKU_LIMIT_BYTES
