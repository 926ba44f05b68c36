"""Commands from a caller's arguments, or a clear refusal."""

from datetime import datetime
from typing import Required, TypedDict
from uuid import UUID, uuid4

from pydantic import ValidationError

from publisher.errors import InvalidInput
from schemas.commands import COMMAND_ADAPTER, Command
from schemas.explanations import explain


class CommandOptions(TypedDict, total=False):
    """What every command may carry besides its SKU and quantity.

    user        whom the audit names; required
    location    the place that holds the stock; `main` unless given
    order_id    the caller's own order number
    reason      why, for the audit
    command_id  give it to ask again for the same thing; a new UUID unless given
    """

    user: Required[str]
    location: str
    order_id: str | None
    reason: str | None
    command_id: UUID | None


Field = str | int | UUID | None
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
