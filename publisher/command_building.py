"""Commands from a caller's arguments, or a clear refusal."""

from datetime import datetime
from typing import Required, TypedDict
from uuid import UUID, uuid4

from pydantic import ValidationError

from publisher.errors import InvalidInput
from schemas.commands import COMMAND_ADAPTER, Command
from schemas.explanations import explain


class OrderOptions(TypedDict, total=False):
    """What every command may carry.

    user        whom the audit names; required
    reason      why, for the audit
    command_id  give it to ask again for the same thing; a new UUID unless given
    """

    user: Required[str]
    reason: str | None
    command_id: UUID | None


class CommandOptions(OrderOptions, total=False):
    """What a command about one SKU may carry besides.

    location    the place that holds the stock; `main` unless given
    order_id    the caller's own order number
    """

    location: str
    order_id: str | None


Field = str | int | UUID | tuple[object, ...] | None
"""The value of a command's field."""


def build_command(kind: str, issued_at: datetime, **fields: Field) -> Command:
    """Return the command of type `kind` with `fields`; what is None counts as left out.

    Raises `InvalidInput`, naming each wrong field.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return COMMAND_ADAPTER.validate_python({"command_id": uuid4(), **given, "type": kind, "issued_at": issued_at})
    except ValidationError as error:
        raise InvalidInput(explain(error)) from error
