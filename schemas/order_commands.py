"""The commands about whole orders, and those that orders send about their lines.

PlaceOrder, CancelOrder                  what a publisher may ask
ExpireOrder                              what workers send when an order's time is up
ReserveLine, SellLine                    what an order sends to the lanes of its SKUs, to get its units;
ReleaseLine, FulfilLine                  to end what it holds. Workers alone can
"""

from collections import Counter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from schemas.fields import (
    DEFAULT_LOCATION,
    QUANTITY_LIMIT,
    Addressed,
    Closed,
    Identified,
    Moment,
    Quantity,
    Signed,
)
from schemas.texts import HoldId, Location, Sku, WholeOrderId, order_aggregate_id

LINES_LIMIT = 1_000
"""Lines of one order. They are reserved one after the other."""

ORDER_EXPIRES_IN_LIMIT_SECONDS = 60 * 60
DEFAULT_ORDER_EXPIRES_IN_SECONDS = 30

OrderExpiresIn = Annotated[int, Field(ge=1, le=ORDER_EXPIRES_IN_LIMIT_SECONDS)]


class OrderLine(Closed):
    """`quantity` units of `sku` from `location`."""

    sku: Sku
    location: Location = DEFAULT_LOCATION
    quantity: Quantity


def _summed(lines: tuple[OrderLine, ...]) -> tuple[OrderLine, ...]:
    units = Counter[tuple[str, str]]()
    for line in lines:
        units[line.sku, line.location] += line.quantity
    for (sku, location), quantity in units.items():
        if quantity > QUANTITY_LIMIT:
            raise ValueError(f"the lines of {sku!r} at {location!r} must be at most {QUANTITY_LIMIT} units in all")
    if len(units) == len(lines):
        return tuple(sorted(lines, key=lambda line: (line.sku, line.location)))
    return tuple(
        OrderLine(sku=sku, location=location, quantity=quantity) for (sku, location), quantity in sorted(units.items())
    )


OrderLines = Annotated[
    tuple[OrderLine, ...], Strict(strict=False), Field(min_length=1, max_length=LINES_LIMIT), AfterValidator(_summed)
]
"""Lines of the same SKU and location count as one; they stand in the order of SKU and location."""


class _OrderCommand(Identified):
    order_id: WholeOrderId

    @property
    def aggregate_id(self) -> str:
        """Whose lane decides it: the text that is hashed to a partition, or used as routing key."""
        return order_aggregate_id(self.order_id)


class PlaceOrder(Signed, _OrderCommand):
    """Sell every line of the order, or nothing; answered once, when that is decided.

    With `allow_partial`, what can be had is sold, and each line of the answer
    tells how much that was. An order that is undecided `expires_in` seconds
    after it was placed is refused.
    """

    type: Literal["place_order"] = "place_order"
    order_id: WholeOrderId
    lines: OrderLines
    allow_partial: bool = False
    expires_in: OrderExpiresIn = DEFAULT_ORDER_EXPIRES_IN_SECONDS


class CancelOrder(Signed, _OrderCommand):
    """Give the order up, if it is not decided yet."""

    type: Literal["cancel_order"] = "cancel_order"
    order_id: WholeOrderId


class ExpireOrder(Signed, _OrderCommand):
    """Refuse the order if it is undecided now that `expires_at` has come; workers send it.

    Refused where the order is due at another time.
    """

    type: Literal["expire_order"] = "expire_order"
    order_id: WholeOrderId
    expires_at: Moment


class _LineCommand(Signed, Addressed):
    order_id: WholeOrderId
    reservation_id: HoldId


class _TakingLine(_LineCommand):
    quantity: Quantity
    allow_partial: bool = False
    not_after: Moment


class _EndingLine(_LineCommand):
    @property
    def quantity(self) -> None:
        """All that is held."""


class ReserveLine(_TakingLine):
    """Hold `quantity` units for the order, which has no end of its own; orders send it.

    With `allow_partial`, what is available is held if it is less. Refused at
    `not_after` or later, or where nothing can be held.
    """

    type: Literal["reserve_line"] = "reserve_line"


class SellLine(_TakingLine):
    """Sell `quantity` units at once: every line of the order before this one has its units, so this decides it.

    With `allow_partial`, what is available is sold if it is less. Refused at
    `not_after` or later, or where nothing can be sold.
    """

    type: Literal["sell_line"] = "sell_line"


class ReleaseLine(_EndingLine):
    """Give back what is held for the order's line; orders send it."""

    type: Literal["release_line"] = "release_line"


class FulfilLine(_EndingLine):
    """Sell what is held for the order's line; orders send it."""

    type: Literal["fulfil_line"] = "fulfil_line"


LineCommand = ReserveLine | SellLine | ReleaseLine | FulfilLine
OrderCommand = PlaceOrder | CancelOrder | ExpireOrder
