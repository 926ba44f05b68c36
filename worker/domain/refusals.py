"""To say no is part of the business: a refusal is a value."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalReason(StrEnum):
    """The rule that refused; each is also a word of the wire contract."""

    INSUFFICIENT_STOCK = "insufficient_stock"
    BELOW_RESERVED = "below_reserved"
    STOCK_LIMIT = "stock_limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The command was understood and refused; nothing changes."""

    reason: RefusalReason
    message: str
