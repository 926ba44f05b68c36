"""What `order-publisher order` is given, as the fields of a command: a file, or lines on the command line."""

import csv
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from publisher.errors import InvalidInput
from publisher.order_log.quantities import whole_number
from schemas.explanations import explain
from schemas.order_commands import OrderLine

STANDARD_INPUT = Path("-")

FILE_LIMIT_BYTES = 1_000_000
"""Four times what the longest order needs; without a limit, a wrong file would be read into memory whole."""

_LINE = re.compile(r"(?P<sku>.+):(?P<quantity>[+-]?[0-9]+)(?:@(?P<location>.+))?", re.DOTALL)
_HEADERS = (["sku", "quantity"], ["sku", "quantity", "location"])

Fields = dict[str, Any]


def fields_of(file: Path | None, lines: Sequence[str]) -> Fields:
    """Return what the file says, or the lines. Raises `InvalidInput` unless there is one of the two."""
    if (file is None) == (not lines):
        raise InvalidInput("say what is ordered: either FILE, or --line SKU:UNITS[@LOCATION] for each line")
    if file is not None:
        return fields_of_file(_content(file), "standard input" if file == STANDARD_INPUT else str(file))
    return {"lines": [_line_of_option(text) for text in lines]}


def fields_of_file(content: bytes, name: str) -> Fields:
    """Return the fields of a JSON object, as on the wire, or else of CSV rows: SKU, units, perhaps a location.

    Raises `InvalidInput`, which says where in `name` it is wrong.
    """
    if content.lstrip().startswith(b"{"):
        return _json_fields(content, name)
    try:
        rows = list(enumerate(csv.reader(content.decode("utf-8-sig").splitlines(), strict=True), 1))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{name}: neither a JSON object nor CSV rows: {error}") from error
    lines = [_line_of_row(row, f"{name} line {number}") for number, row in rows if row and not _is_header(row)]
    return {"lines": lines}


def _content(file: Path) -> bytes:
    try:
        if file == STANDARD_INPUT:
            content = sys.stdin.buffer.read(FILE_LIMIT_BYTES + 1)
        else:
            with file.open("rb") as stream:
                content = stream.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror or error}") from error
    if len(content) > FILE_LIMIT_BYTES:
        raise InvalidInput(f"{file} is longer than {FILE_LIMIT_BYTES:,} bytes; `import --orders` sends many orders")
    return content


def _json_fields(content: bytes, name: str) -> Fields:
    try:
        fields = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidInput(f"{name}: not JSON in UTF-8: {error}") from error
    assert isinstance(fields, dict)  # noqa: S101  it begins as one
    return fields


def _line_of_option(text: str) -> Fields:
    parts = _LINE.fullmatch(text)
    if parts is None:
        raise InvalidInput(f"--line: must be SKU:UNITS or SKU:UNITS@LOCATION (got {text!a})")
    return _line(parts["sku"], parts["quantity"], parts["location"], f"--line {text!a}")


def _is_header(row: list[str]) -> bool:
    return [field.strip().lower() for field in row] in _HEADERS


def _line_of_row(row: list[str], where: str) -> Fields:
    fields = [field.strip() for field in row]
    match fields:
        case [sku, quantity]:
            return _line(sku, quantity, None, where)
        case [sku, quantity, location]:
            return _line(sku, quantity, location, where)
    raise InvalidInput(f"{where}: must be SKU,UNITS or SKU,UNITS,LOCATION (has {len(fields)} fields)")


def _line(sku: str, quantity: str, location: str | None, where: str) -> Fields:
    fields: Fields = {"sku": sku, "quantity": whole_number(quantity, where)}
    if location:
        fields["location"] = location
    try:
        OrderLine.model_validate(fields)
    except ValidationError as error:
        raise InvalidInput(f"{where}: {explain(error)}") from error
    return fields
