"""The words a result may give as its reason.

A reason is for programs; the `message` beside it is for people and may change
its wording. A released reason never changes its meaning.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a command was not applied."""

    INSUFFICIENT_STOCK = "insufficient_stock"
    """Fewer units are available than were asked for. Nothing changed."""

    BELOW_RESERVED = "below_reserved"
    """The adjustment would leave less on hand than is reserved, or less than nothing. Nothing changed."""

    RESERVATION_EXISTS = "reservation_exists"
    """The SKU has, or had, another reservation of this id. Nothing changed; use a new id."""

    UNKNOWN_RESERVATION = "unknown_reservation"
    """The SKU never had a reservation of this id at this location. Nothing changed."""

    RESERVATION_EXPIRED = "reservation_expired"
    """The command was decided when the reservation was due, or later. Nothing changed."""

    ALREADY_FULFILLED = "already_fulfilled"
    """Nothing is held any more: the last units of the reservation were sold. Nothing changed."""

    ALREADY_RELEASED = "already_released"
    """Nothing is held any more: the last units of the reservation were given back. Nothing changed."""

    QUANTITY_EXCEEDS_RESERVATION = "quantity_exceeds_reservation"
    """The reservation holds fewer units than were asked for. Nothing changed."""

    NOT_DUE = "not_due"
    """The reservation, or the order, does not end at the time that an `expire` or `expire_order` names.
    Nothing changed."""

    STOCK_LIMIT = "stock_limit"
    """The location would hold more units than can be counted exactly. Nothing changed."""

    ORDER_EXISTS = "order_exists"
    """There is, or was, another order of this id. Nothing changed; use a new id."""

    UNKNOWN_ORDER = "unknown_order"
    """There never was an order of this id. Nothing changed."""

    ORDER_COMPLETED = "order_completed"
    """The order is decided: `message` says how. Nothing changed."""

    ORDER_CANCELLED = "order_cancelled"
    """The order was given up by a `cancel_order` before it was decided. Nothing was sold."""

    ORDER_EXPIRED = "order_expired"
    """The order's time was up before it was decided. Nothing was sold."""

    CONFLICT = "conflict"
    """The command id was used before, for another command. Nothing changed; use a new id."""

    INVALID = "invalid"
    """The message is not a command: `message` says what is wrong and where. It is dead-lettered."""

    MISROUTED = "misrouted"
    """The message came through the queue of another SKU's partition. It is dead-lettered."""

    FAILED = "failed"
    """The worker or the database could not process this one command. It is dead-lettered."""

    CRASHED = "crashed"
    """Workers died of the message, again and again. It is dead-lettered."""

    EXPIRED = "expired"
    """The broker gave the message up, because its sender had set an `expiration`. It is dead-lettered."""

    REJECTED = "rejected"
    """The broker gave the message up for another reason. It is dead-lettered."""

    HELD = "held"
    """An earlier command of the SKU, or of the order, could not be processed, and this one waits behind it. It is
    answered once more when it is decided."""

    SKIPPED = "skipped"
    """It could not be processed, and an operator has given it up for good. Nothing changed; use a new id."""
