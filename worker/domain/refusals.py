"""To say no is part of the business: a refusal is a value."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalReason(StrEnum):
    """The rule that refused, or `skipped`: an operator has. Each is also a word of the wire contract."""

    INSUFFICIENT_STOCK = "insufficient_stock"
    BELOW_RESERVED = "below_reserved"
    RESERVATION_EXISTS = "reservation_exists"
    UNKNOWN_RESERVATION = "unknown_reservation"
    RESERVATION_EXPIRED = "reservation_expired"
    ALREADY_FULFILLED = "already_fulfilled"
    ALREADY_RELEASED = "already_released"
    QUANTITY_EXCEEDS_RESERVATION = "quantity_exceeds_reservation"
    NOT_DUE = "not_due"
    STOCK_LIMIT = "stock_limit"
    ORDER_EXPIRED = "order_expired"
    ORDER_EXISTS = "order_exists"
    UNKNOWN_ORDER = "unknown_order"
    ORDER_COMPLETED = "order_completed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was understood and refused; nothing changes."""

    reason: RefusalReason
    message: str
