"""The commands: what a publisher may ask of the stock engine.

Every command is one JSON object in UTF-8. `Command` is the union of all of
them, told apart by `type`; validation is strict, so `"6"`, `6.0` and `true`
are not quantities, and a field that is not listed here is an error.

    parse_command(body)      bytes from the wire -> Command
    encode_command(command)  Command -> bytes for the wire
    identity(command)        what two sendings of one command must share
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, Field, TypeAdapter, model_validator

from schemas.fields import Addressed, Count, Difference, ExpiresIn, Moment, Quantity, Signed
from schemas.order_commands import LineCommand, OrderCommand, OrderLine
from schemas.texts import Location, Reason, ReservationId


class _WithUnits(BaseModel):
    quantity: Quantity


# Fields stand in the order of the last base to the first: what, how much, who.
class _Counted(Signed, _WithUnits, Addressed):
    pass


class _WithUnitsOrAll(BaseModel):
    quantity: Quantity | None = None


class _Part(Signed, _WithUnitsOrAll, Addressed):
    pass


class _Uncounted(Signed, Addressed):
    @property
    def quantity(self) -> None:
        """There is none: the command does not say by how many units."""


class Purchase(_Counted):
    """Take `quantity` units of `sku` out of `location`; refused if fewer are available."""

    type: Literal["purchase"] = "purchase"


class Restock(_Counted):
    """Put `quantity` units of `sku` into `location`."""

    type: Literal["restock"] = "restock"


class Adjust(_Uncounted):
    """Correct what is on hand at `location`: `set_to` what was counted, or by a `difference`; say the `reason`.

    Refused if less than what is reserved would be left.
    """

    type: Literal["adjust"] = "adjust"
    reason: Reason
    set_to: Count | None = None
    difference: Difference | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.set_to is None) == (self.difference is None):
            raise ValueError("exactly one of set_to and difference must be given")
        if self.difference == 0:
            raise ValueError("difference must not be 0")
        return self


class Transfer(_Counted):
    """Move `quantity` units of `sku` from `location` to `to_location`; refused if fewer are available."""

    type: Literal["transfer"] = "transfer"
    to_location: Location

    @model_validator(mode="after")
    def _goes_elsewhere(self) -> Self:
        if self.to_location == self.location:
            raise ValueError("to_location must be another location")
        return self


class Reserve(_Counted):
    """Hold `quantity` units of `sku` at `location` for whoever knows `reservation_id`; refused if fewer are available.

    They stay on hand and are not available to others until they are released or
    fulfilled, or `expires_in` seconds after the decision.
    """

    type: Literal["reserve"] = "reserve"
    reservation_id: ReservationId
    expires_in: ExpiresIn | None = None


class Extend(_Uncounted):
    """Let the reservation last until `expires_in` seconds after this decision."""

    type: Literal["extend"] = "extend"
    reservation_id: ReservationId
    expires_in: ExpiresIn


class Release(_Part):
    """Give back `quantity` of the units that the reservation holds; all of them where it is left out."""

    type: Literal["release"] = "release"
    reservation_id: ReservationId


class Fulfil(_Part):
    """Sell `quantity` of the units that the reservation holds; all of them where it is left out."""

    type: Literal["fulfil"] = "fulfil"
    reservation_id: ReservationId


class Expire(_Uncounted):
    """Give back what the reservation still holds, now that `expires_at` has come; workers send it.

    Refused where the reservation is due at another time by now.
    """

    type: Literal["expire"] = "expire"
    reservation_id: ReservationId
    expires_at: Moment


ReservationCommand = Reserve | Extend | Release | Fulfil | Expire

_Publishable = Purchase | Restock | Adjust | Transfer | ReservationCommand

Command = Annotated[_Publishable | OrderCommand, Field(discriminator="type")]
"""Any command that a publisher may send; `type` says which."""

StockCommand = _Publishable | LineCommand
"""Any command about one SKU; those about a line of an order are taken from workers alone."""

MODELS: tuple[type[_Publishable | OrderCommand], ...] = get_args(get_args(Command)[0])

COMMAND_TYPES = tuple(str(model.model_fields["type"].default) for model in MODELS)

COMMAND_ADAPTER: TypeAdapter[Command] = TypeAdapter(Command)

# What an identity is made of, in its order; existing digests depend on it, so new fields go to the end.
_IDENTITY_ORDER = (
    "type",
    "sku",
    "location",
    "quantity",
    "user",
    "order_id",
    "reason",
    "set_to",
    "difference",
    "to_location",
    "reservation_id",
    "expires_in",
    "expires_at",
    "lines",
    "allow_partial",
    "not_after",
)
_IDENTITY_FIELDS: Mapping[str, Sequence[str]] = {
    str(model.model_fields["type"].default): [name for name in _IDENTITY_ORDER if name in model.model_fields]
    for model in (*MODELS, *get_args(LineCommand))
}
_SEPARATOR = "\x1f"
_LINE_SEPARATOR = "\x1e"
_WORD_SEPARATOR = "\x1d"


def parse_command(body: bytes) -> Command:
    """Return the command that `body` holds.

    Raises `pydantic.ValidationError`; `schemas.explanations.explain` turns it
    into a sentence for the sender.
    """
    return COMMAND_ADAPTER.validate_json(body)


def encode_command(command: Command) -> bytes:
    """Return `command` as it travels: compact JSON without the fields that are not set."""
    return command.model_dump_json(exclude_none=True).encode()


def identity(command: StockCommand | OrderCommand) -> bytes:
    """Return what makes two sendings of one command id the same command.

    It covers every field but `command_id` and `issued_at`: a retry may be
    stamped anew and written in another order or spacing, but may not ask for
    anything else. Texts hold no control character, so the separators are never
    ambiguous. Stored digests are made from it, so its bytes for existing
    commands never change; a new optional field only adds to commands that set it.
    """
    fields = []
    for name in _IDENTITY_FIELDS[command.type]:
        value = getattr(command, name)
        if value is not None:
            fields.append(f"{name}={_written(value) if name == 'lines' else value}")
    return _SEPARATOR.join(fields).encode()


def _written(lines: tuple[OrderLine, ...]) -> str:
    return _LINE_SEPARATOR.join(_WORD_SEPARATOR.join((line.sku, line.location, str(line.quantity))) for line in lines)
