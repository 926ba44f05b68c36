"""JSON lines into commands: one command body a line, as on the wire; `command_id` may be left out."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from publisher.order_log.line_ids import line_command_id
from publisher.order_log.lines import BadLine, Line
from publisher.order_log.logged_commands import LoggedCommand
from schemas.commands import Command, parse_command
from schemas.explanations import explain


def json_orders(lines: Iterator[Line | BadLine], source: str) -> Iterator[LoggedCommand | BadLine]:
    """Yield an order or a bad line for each line that is not blank."""
    for line in lines:
        if isinstance(line, BadLine):
            yield line
        elif line.text.strip():
            yield _order(line, source)


def _order(line: Line, source: str) -> LoggedCommand | BadLine:
    try:
        return LoggedCommand(line.number, _command(line, source))
    except ValidationError as error:
        return BadLine(line.number, explain(error))


def _command(line: Line, source: str) -> Command:
    try:
        fields = from_json(line.text, allow_inf_nan=False)
    except ValueError:
        return parse_command(line.text)  # which explains what is wrong
    if not isinstance(fields, dict) or "command_id" in fields:
        return parse_command(line.text)
    fields["command_id"] = str(line_command_id(source, line.number, line.text))
    return parse_command(to_json(fields))
