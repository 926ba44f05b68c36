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


Detail = str | int | None
"""The value of a field that only some commands have."""


def build_command(
    kind: str, sku: str, quantity: int | None, issued_at: datetime, options: CommandOptions, **details: Detail
) -> Command:
    """Return the command of type `kind`; `details` are its own fields, and what is None counts as left out.

    Raises `InvalidInput`, naming each wrong field.
    """
    fields = {
        **options,
        **details,
        "type": kind,
        "sku": sku,
        "quantity": quantity,
        "issued_at": issued_at,
        "command_id": options.get("command_id") or uuid4(),
    }
    try:
        return COMMAND_ADAPTER.validate_python({name: value for name, value in fields.items() if value is not None})
    except ValidationError as error:
        raise InvalidInput(explain(error)) from error
