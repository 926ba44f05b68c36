"""The numbers, times and bases that commands are made of; their texts are in `schemas.texts`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from schemas.texts import Location, OrderId, Reason, Sku, User

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


class Closed(BaseModel):
    """Takes no field that it does not know, and no value of another kind."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Identified(Closed):
    """What every command begins with."""

    type: str
    command_id: UUID


class Addressed(Identified):
    """What every command about stock begins with."""

    sku: Sku
    location: Location = DEFAULT_LOCATION

    @property
    def aggregate_id(self) -> str:
        """Whose lane decides it: the text that is hashed to a partition, or used as routing key."""
        return self.sku


class Signed(BaseModel):
    """What every command ends with."""

    user: User
    order_id: OrderId | None = None
    reason: Reason | None = None
    issued_at: Moment | None = None
