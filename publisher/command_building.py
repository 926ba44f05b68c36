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


def build_command(kind: str, sku: str, quantity: int, issued_at: datetime, options: CommandOptions) -> Command:
    """Return the command of type `kind`. Raises `InvalidInput`, naming each wrong field."""
    fields = {
        **options,
        "type": kind,
        "sku": sku,
        "quantity": quantity,
        "issued_at": issued_at,
        "command_id": options.get("command_id") or uuid4(),
    }
    try:
        return COMMAND_ADAPTER.validate_python(fields)
    except ValidationError as error:
        raise InvalidInput(explain(error)) from error
