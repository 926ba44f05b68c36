"""CSV rows into commands.

A positive quantity is a purchase, a negative one a restock of as many units.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from publisher.command_building import build_command
from publisher.errors import InvalidInput
from publisher.order_log.line_ids import line_command_id
from publisher.order_log.lines import BadLine, Line
from publisher.order_log.logged_commands import LoggedCommand
from publisher.order_log.quantities import whole_number
from schemas.fields import DEFAULT_LOCATION

NOBODY_USER = "import"
"""Whom the audit names where a row names nobody."""

ROW_LIMIT_LINES = 20
"""A quoted field may hold line ends; a quote that is still open after so many lines was a mistake."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what. The ones left None are looked for under their own name, and may be missing."""

    sku: str = "sku"
    quantity: str = "quantity"
    user: str | None = None
    order_id: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    text: bytes
    fields: list[str]


def csv_orders(
    lines: Iterator[Line | BadLine], columns: Columns, source: str, clock: Callable[[], datetime]
) -> Iterator[LoggedCommand | BadLine]:
    """Yield an order or a bad line for each row. Raises `InvalidInput` when the header lacks a column."""
    rows = _rows(lines)
    header = next(rows, None)
    if not isinstance(header, _Row):
        raise InvalidInput("the file has no header line" if header is None else f"line 1: {header.cause}")
    places = _places(header.fields, columns)
    for row in rows:
        yield row if isinstance(row, BadLine) else _order(row, len(header.fields), places, source, clock())


def _order(row: _Row, field_count: int, places: dict[str, int], source: str, now: datetime) -> LoggedCommand | BadLine:
    if len(row.fields) != field_count:
        return BadLine(row.number, f"has {len(row.fields)} fields, the header has {field_count}")
    values = {name: row.fields[place].strip() for name, place in places.items()}
    try:
        quantity = whole_number(values["quantity"], "quantity")
        command = build_command(
            "restock" if quantity < 0 else "purchase",
            now,
            command_id=line_command_id(source, row.number, row.text),
            sku=values["sku"],
            location=values.get("location") or DEFAULT_LOCATION,
            quantity=abs(quantity),
            user=values.get("user") or NOBODY_USER,
            order_id=values.get("order_id") or None,
        )
    except InvalidInput as error:
        return BadLine(row.number, str(error), _text(values.get("order_id")))
    return LoggedCommand(row.number, command)


def _text(value: str | None) -> str | None:
    """Return None also for what is not UTF-8: no good line says the same."""
    return value if value and value.encode(errors="ignore").decode() == value else None


def _places(header: list[str], columns: Columns) -> dict[str, int]:
    names = [name.strip() for name in header]
    wanted = {"sku": columns.sku, "quantity": columns.quantity}
    for field, column in (("user", columns.user), ("order_id", columns.order_id), ("location", columns.location)):
        if column is not None:
            wanted[field] = column
        elif field in names:
            wanted[field] = field
    missing = [column for column in wanted.values() if column not in names]
    if missing:
        raise InvalidInput(f"there is no column {', '.join(missing)}; the columns are {', '.join(names)}")
    return {field: names.index(column) for field, column in wanted.items()}


def _rows(lines: Iterator[Line | BadLine]) -> Iterator[_Row | BadLine]:
    read_ahead: deque[Line | BadLine] = deque()
    while (first := _next(read_ahead, lines)) is not None:
        if isinstance(first, BadLine):
            yield first
        elif first.text.strip():
            yield _row(first, read_ahead, lines)


def _next(read_ahead: deque[Line | BadLine], lines: Iterator[Line | BadLine]) -> Line | BadLine | None:
    return read_ahead.popleft() if read_ahead else next(lines, None)


def _row(first: Line, read_ahead: deque[Line | BadLine], lines: Iterator[Line | BadLine]) -> _Row | BadLine:
    texts = [first.text]
    borrowed: list[Line | BadLine] = []
    while True:
        try:
            return _Row(first.number, b"\n".join(texts), _fields(texts))
        except csv.Error as error:
            following = _next(read_ahead, lines) if _is_open_quote(error) and len(texts) < ROW_LIMIT_LINES else None
            if following is not None:
                borrowed.append(following)
            if not isinstance(following, Line):
                # A stray quote must not swallow the lines behind it: they are read on their own.
                read_ahead.extendleft(reversed(borrowed))
                cause = "a quote is opened and not closed" if _is_open_quote(error) else str(error)
                return BadLine(first.number, f"not a CSV row: {cause}")
            texts.append(following.text)


def _fields(texts: list[bytes]) -> list[str]:
    # What is not UTF-8 matters only in the columns that are used; there, the command refuses it.
    decoded = [f"{text.decode(errors='surrogateescape')}\n" for text in texts]
    return next(csv.reader(decoded, strict=True))


def _is_open_quote(error: csv.Error) -> bool:
    return str(error) == "unexpected end of data"
