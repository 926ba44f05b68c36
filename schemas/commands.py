"""The commands: what a publisher may ask of the stock engine.

Every command is one JSON object in UTF-8. `Command` is the union of all of
them, told apart by `type`; validation is strict, so `"6"`, `6.0` and `true`
are not quantities, and a field that is not listed here is an error.

    parse_command(body)      bytes from the wire -> Command
    encode_command(command)  Command -> bytes for the wire
    identity(command)        what two sendings of one command must share
"""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from schemas.texts import Location, OrderId, Reason, Sku, User

QUANTITY_LIMIT = 1_000_000_000
"""Units in one command. 64-bit sums of it cannot overflow before 9 billion commands."""

DEFAULT_LOCATION = "main"


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from error


Quantity = Annotated[int, Field(ge=1, le=QUANTITY_LIMIT)]


class _Command(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    type: str
    command_id: UUID
    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: Quantity
    user: User
    order_id: OrderId | None = None
    reason: Reason | None = None
    issued_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None


class Purchase(_Command):
    """Take `quantity` units of `sku` out of `location`; refused if fewer are available."""

    type: Literal["purchase"] = "purchase"


class Restock(_Command):
    """Put `quantity` units of `sku` into `location`."""

    type: Literal["restock"] = "restock"


Command = Annotated[Purchase | Restock, Field(discriminator="type")]
"""Any command; `type` says which."""

COMMAND_TYPES = ("purchase", "restock")

COMMAND_ADAPTER: TypeAdapter[Purchase | Restock] = TypeAdapter(Command)

_NOT_PART_OF_THE_IDENTITY = frozenset({"command_id", "issued_at"})
_SEPARATOR = "\x1f"


def parse_command(body: bytes) -> Command:
    """Return the command that `body` holds.

    Raises `pydantic.ValidationError`; `schemas.explanations.explain` turns it
    into a sentence for the sender.
    """
    return COMMAND_ADAPTER.validate_json(body)


def encode_command(command: Command) -> bytes:
    """Return `command` as it travels: compact JSON without the fields that are not set."""
    return command.model_dump_json(exclude_none=True).encode()


def identity(command: Command) -> bytes:
    """Return what makes two sendings of one command id the same command.

    It covers every field but `command_id` and `issued_at`: a retry may be
    stamped anew and written in another order or spacing, but may not ask for
    anything else. Texts hold no control character, so the separator is never
    ambiguous. Stored digests are made from it, so its bytes for existing
    commands never change; a new optional field only adds to commands that set it.
    """
    fields = [
        f"{name}={value}" for name, value in command if value is not None and name not in _NOT_PART_OF_THE_IDENTITY
    ]
    return _SEPARATOR.join(fields).encode()
