"""The commands: what a publisher may ask of the stock engine.

Every command is one JSON object in UTF-8. `Command` is the union of all of
them, told apart by `type`; validation is strict, so `"6"`, `6.0` and `true`
are not quantities, and a field that is not listed here is an error.

    parse_command(body)      bytes from the wire -> Command
    encode_command(command)  Command -> bytes for the wire
    identity(command)        what two sendings of one command must share
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self, get_args
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from schemas.texts import Location, OrderId, Reason, ReservationId, Sku, User

QUANTITY_LIMIT = 1_000_000_000
"""Units in one command. 64-bit sums of it cannot overflow before 9 billion commands."""

COUNT_LIMIT = 10**15
"""Units that a location can be counted to hold. Below 2**53, so every JSON reader counts them exactly."""

EXPIRES_IN_LIMIT_SECONDS = 30 * 24 * 60 * 60
"""30 days: what is held longer than that was forgotten."""

DEFAULT_LOCATION = "main"


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from error


Quantity = Annotated[int, Field(ge=1, le=QUANTITY_LIMIT)]
Count = Annotated[int, Field(ge=0, le=COUNT_LIMIT)]
Difference = Annotated[int, Field(ge=-QUANTITY_LIMIT, le=QUANTITY_LIMIT)]
ExpiresIn = Annotated[int, Field(ge=1, le=EXPIRES_IN_LIMIT_SECONDS)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class _Addressed(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    type: str
    command_id: UUID
    sku: Sku
    location: Location = DEFAULT_LOCATION


class _WithUnits(BaseModel):
    quantity: Quantity


class _Signed(BaseModel):
    user: User
    order_id: OrderId | None = None
    reason: Reason | None = None
    issued_at: Moment | None = None


# Fields stand in the order of the last base to the first: what, how much, who.
class _Counted(_Signed, _WithUnits, _Addressed):
    pass


class _WithUnitsOrAll(BaseModel):
    quantity: Quantity | None = None


class _Part(_Signed, _WithUnitsOrAll, _Addressed):
    pass


class _Uncounted(_Signed, _Addressed):
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

Command = Annotated[Purchase | Restock | Adjust | Transfer | ReservationCommand, Field(discriminator="type")]
"""Any command; `type` says which."""

MODELS: tuple[type[_Addressed], ...] = get_args(get_args(Command)[0])

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
)
_IDENTITY_FIELDS = {model: [name for name in _IDENTITY_ORDER if name in model.model_fields] for model in MODELS}
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
    fields = []
    for name in _IDENTITY_FIELDS[type(command)]:
        value = getattr(command, name)
        if value is not None:
            fields.append(f"{name}={value}")
    return _SEPARATOR.join(fields).encode()
