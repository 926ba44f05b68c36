"""The texts a message may carry, and how long each may be.

A text never holds a control character: NUL cannot be stored in PostgreSQL, and
U+001F separates the fields of a command's identity (see `schemas.commands`).
Limits are in characters, except for what is part of a routing key: a SKU, and
the id of a whole order, are limited in bytes.
"""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

ROUTING_KEY_LIMIT_BYTES = 255
"""AMQP 0-9-1 stores a routing key as a short string: one length octet."""

SKU_LIMIT_BYTES = 100
LOCATION_LIMIT_CHARACTERS = 64
USER_LIMIT_CHARACTERS = 128
ORDER_ID_LIMIT_CHARACTERS = 64
RESERVATION_ID_LIMIT_CHARACTERS = 64
REASON_LIMIT_CHARACTERS = 500
REPLY_TO_LIMIT_BYTES = 64
HOLD_ID_LIMIT_CHARACTERS = 80
WORD_LIMIT_BYTES = 20
"""The longest outcome or command type; both are words of a routing key."""

# <reply_to>.<outcome>.<type>.<sku> must always fit into a routing key.
assert REPLY_TO_LIMIT_BYTES + 2 * WORD_LIMIT_BYTES + SKU_LIMIT_BYTES + 3 <= ROUTING_KEY_LIMIT_BYTES  # noqa: S101

ORDER_PREFIX = "order:"
"""Begins what belongs to whole orders, so no SKU and no reservation id of others begins with it."""

_NO_CONTROL_CHARACTERS = r"^\P{Cc}+$"
_NO_OUTER_SPACE = r"^[^\p{Cc}\s](?:\P{Cc}*[^\p{Cc}\s])?$"


def order_aggregate_id(order_id: str) -> str:
    """Return what stands for the order wherever a SKU could stand: `order:1700`."""
    return f"{ORDER_PREFIX}{order_id}"


def _fits_a_routing_key(sku: str) -> str:
    if not sku.isascii() and len(sku.encode()) > SKU_LIMIT_BYTES:
        raise ValueError(f"must be at most {SKU_LIMIT_BYTES} bytes of UTF-8")
    return sku


def _names_no_order(text: str) -> str:
    if text.startswith(ORDER_PREFIX):
        raise ValueError(f"must not begin with {ORDER_PREFIX}, which stands for whole orders")
    return text


def _fits_where_a_sku_fits(order_id: str) -> str:
    limit = SKU_LIMIT_BYTES - len(ORDER_PREFIX)
    if len(order_id.encode()) > limit:
        raise ValueError(f"must be at most {limit} bytes of UTF-8")
    return order_id


Sku = Annotated[
    str,
    StringConstraints(min_length=1, max_length=SKU_LIMIT_BYTES, pattern=_NO_OUTER_SPACE),
    AfterValidator(_fits_a_routing_key),
    AfterValidator(_names_no_order),
]
"""A stock keeping unit: 1 to 100 bytes of UTF-8, no space at either end, not `order:...`, compared byte by byte."""

Location = Annotated[
    str, StringConstraints(min_length=1, max_length=LOCATION_LIMIT_CHARACTERS, pattern=_NO_OUTER_SPACE)
]
"""A place that holds stock of a SKU: 1 to 64 characters."""

User = Annotated[str, StringConstraints(min_length=1, max_length=USER_LIMIT_CHARACTERS, pattern=_NO_CONTROL_CHARACTERS)]
"""Whom the audit row names: 1 to 128 characters."""

OrderId = Annotated[
    str, StringConstraints(min_length=1, max_length=ORDER_ID_LIMIT_CHARACTERS, pattern=_NO_CONTROL_CHARACTERS)
]
"""The sender's own order number, kept for the record: 1 to 64 characters."""

WholeOrderId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=ORDER_ID_LIMIT_CHARACTERS, pattern=_NO_OUTER_SPACE),
    AfterValidator(_fits_where_a_sku_fits),
]
"""Names a whole order, as the sender likes: 1 to 64 characters, at most 94 bytes of UTF-8."""

ReservationId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=RESERVATION_ID_LIMIT_CHARACTERS, pattern=_NO_OUTER_SPACE),
    AfterValidator(_names_no_order),
]
"""Names a reservation of a SKU, as the sender likes: 1 to 64 characters, not `order:...`."""

HoldId = Annotated[
    str, StringConstraints(max_length=HOLD_ID_LIMIT_CHARACTERS, pattern=rf"^{ORDER_PREFIX}\P{{Cc}}+#[1-9][0-9]*$")
]
"""Names what an order holds for one of its lines: `order:1700#2`."""

Reason = Annotated[
    str, StringConstraints(min_length=1, max_length=REASON_LIMIT_CHARACTERS, pattern=_NO_CONTROL_CHARACTERS)
]
"""Why the sender asks for this, kept in the audit row: 1 to 500 characters."""

ReplyTo = Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9_-]{{1,{REPLY_TO_LIMIT_BYTES}}}$")]
"""One word of a topic routing key: 1 to 64 ASCII letters, digits, `-` or `_`."""
