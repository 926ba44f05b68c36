"""Why an item is not processed, and the letter that is filed about it."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from schemas.dead_letters import FAILED_WORDS
from schemas.fingerprints import fingerprint
from schemas.partitions import partition_of
from schemas.reasons import Reason
from schemas.texts import order_aggregate_id
from worker.lane.command_codec import reservation_id_of
from worker.lane.dead_letters.holds import aggregate_of
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.orders.line_replies import LineReply
from worker.lane.ports import Assignment, Delivery
from worker.ledger import Letter, LetterMessage, LetterState

_ORIGIN_BYTES = 16
_SEPARATOR = b"\x1f"


def unprocessed(item: Request | OrderRequest | LineReply, reason: Reason, error: str) -> Unprocessable:
    """Return that `item` is not processed, and why."""
    if isinstance(item, LineReply):
        return Unprocessable(item.delivery, reason, error, command_id=item.command_id, item=item)
    command = item.command
    if isinstance(item, OrderRequest):
        return Unprocessable(
            item.delivery,
            reason,
            error,
            command_id=command.command_id,
            command_type=command.type,
            order_id=command.order_id,
            item=item,
        )
    return Unprocessable(
        item.delivery,
        reason,
        error,
        command_id=command.command_id,
        command_type=command.type,
        sku=item.command.sku,
        location=item.command.location,
        quantity=item.command.quantity,
        reservation_id=reservation_id_of(item.command),
        item=item,
    )


def failed(item: Request | OrderRequest | LineReply, error: Exception) -> Unprocessable:
    """Return that `item` is not processed, since processing it raised `error`."""
    return unprocessed(item, Reason.FAILED, f"{FAILED_WORDS}{type(error).__name__}: {error}")


def waiting(item: Request | OrderRequest | LineReply) -> Unprocessable:
    """Return that `item` waits behind a letter. The answer is the same whenever it is sent again."""
    whose = "this SKU" if isinstance(item, Request) else "this order"
    problem = (
        f"an earlier command of {whose} could not be processed, and later ones wait until that is resolved; "
        "this one is kept, and is answered again when it is decided"
    )
    return unprocessed(item, Reason.HELD, problem)


def aggregate_id_of(unprocessable: Unprocessable) -> str | None:
    """Return the SKU or order it is about, where that could be made out."""
    if unprocessable.item is not None:
        return aggregate_of(unprocessable.item)
    if unprocessable.order_id is not None and unprocessable.sku is None:
        return order_aggregate_id(unprocessable.order_id)
    return unprocessable.sku


def letter_about(unprocessable: Unprocessable, assignment: Assignment, *, holds: bool) -> Letter:
    """Return the letter to be filed about it, which `holds` its aggregate, or not."""
    item, aggregate_id = unprocessable.item, aggregate_id_of(unprocessable)
    reason, error = unprocessable.reason.value, unprocessable.error
    return Letter(
        origin=_origin(unprocessable),
        partition=assignment.partition
        if aggregate_id is None
        else partition_of(aggregate_id, assignment.partition_count),
        state=_state(unprocessable, holds=holds and aggregate_id is not None),
        reason=reason,
        error=error,
        fingerprint=fingerprint(reason, error),
        aggregate_id=aggregate_id,
        command_id=unprocessable.command_id,
        command_type=unprocessable.command_type,
        user=item.user if isinstance(item, Request | OrderRequest) else unprocessable.delivery.user_id,
        digest=item.digest if isinstance(item, Request | OrderRequest) else None,
        message=_message(unprocessable.delivery),
    )


def _state(unprocessable: Unprocessable, *, holds: bool) -> LetterState:
    if unprocessable.reason is Reason.HELD:
        return LetterState.PARKED
    return LetterState.HELD if holds else LetterState.SET_ASIDE


def _origin(unprocessable: Unprocessable) -> bytes:
    item, delivery = unprocessable.item, unprocessable.delivery
    if isinstance(item, Request | OrderRequest):
        parts = [b"command", item.command.command_id.bytes, item.digest]
    else:
        words = (delivery.queue, delivery.routing_key, delivery.reply_to or "", delivery.correlation_id or "")
        # The same words are another message where a lane has told them: nobody's copy may stand in its place.
        kind = b"message" if delivery.bundle is None else delivery.bundle.value.encode()
        parts = [kind, *(word.encode("utf-8", "backslashreplace") for word in words), delivery.body]
    return blake2b(_SEPARATOR.join(parts), digest_size=_ORIGIN_BYTES).digest()


def _message(delivery: Delivery) -> LetterMessage:
    return LetterMessage(
        delivery.body,
        delivery.queue,
        delivery.routing_key,
        delivery.reply_to,
        delivery.correlation_id,
        delivery.user_id,
        delivery.content_type,
        _headers(delivery.headers),
        None if delivery.bundle is None else delivery.bundle.value,
    )


def _headers(headers: Mapping[str, Any]) -> str:
    try:
        # Without NaN, which JSON does not have; what is no JSON (times, bytes, decimals) is written as Python shows it.
        return json.dumps(dict(headers), default=repr, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        return json.dumps({"orders-headers-dropped": f"they could not be written as JSON: {error}"})
