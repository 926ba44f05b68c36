"""Turns a delivery into a request, or says why it is none."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, NamedTuple, cast, get_args
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from schemas.commands import COMMAND_TYPES, StockCommand, identity, parse_command
from schemas.dead_letters import NUDGE
from schemas.explanations import explain
from schemas.fields import QUANTITY_LIMIT
from schemas.order_commands import OrderCommand
from schemas.partitions import partition_of
from schemas.reasons import Reason
from schemas.texts import Location, ReplyTo, Sku, WholeOrderId
from worker.lane.orders.errands import COMMAND_TYPES as LINE_COMMAND_TYPES
from worker.lane.orders.legs import parse_line_command
from worker.lane.orders.line_replies import LineReply, PassedOver, read_line_reply
from worker.lane.ports import BundleKind, Delivery

BODY_LIMIT_BYTES = 1024 * 1024
"""The largest body that is looked into; 1,000 lines of an order, every field at its limit, make less than 900 KiB."""

DIGEST_SIZE_BYTES = 16

_SKU: TypeAdapter[str] = TypeAdapter(Sku)
_LOCATION: TypeAdapter[str] = TypeAdapter(Location)
_REPLY_TO: TypeAdapter[str] = TypeAdapter(ReplyTo)
_ORDER_ID: TypeAdapter[str] = TypeAdapter(WholeOrderId)
_KNOWN_TYPES = (*COMMAND_TYPES, *LINE_COMMAND_TYPES.values())
_ORDER_COMMANDS = frozenset(get_args(OrderCommand))
_ORDER_COMMAND_TYPES = tuple(model.model_fields["type"].default for model in _ORDER_COMMANDS)


class Request(NamedTuple):
    """A valid command and where it came from."""

    delivery: Delivery
    command: StockCommand
    digest: bytes
    user: str
    """Whom the audit names: the user the broker verified, else the one in the body."""


class OrderRequest(NamedTuple):
    """The same of a command about a whole order."""

    delivery: Delivery
    command: OrderCommand
    digest: bytes
    user: str


@dataclass(frozen=True, slots=True)
class Unprocessable:
    """A delivery that is set aside, with what could be made out of it for the answer."""

    delivery: Delivery
    reason: Reason
    error: str
    command_id: UUID | None = None
    command_type: str | None = None
    sku: str | None = None
    location: str | None = None
    quantity: int | None = None
    reservation_id: str | None = None
    order_id: str | None = None
    """Where it is about a whole order."""
    item: "Request | OrderRequest | LineReply | None" = None
    """What it was decoded to, where that was possible."""
    answered: bool = False
    """Whether its command has an answer, which stands: none that says otherwise is sent."""


class Nudge(NamedTuple):
    """A message that carries nothing: operators have asked for something; see `schemas.dead_letters.NUDGE`."""

    delivery: Delivery


Decoded = Request | OrderRequest | LineReply | PassedOver | Nudge | Unprocessable
"""What a delivery can turn out to be."""


def digest_of(command: StockCommand | OrderCommand) -> bytes:
    """Return the digest by which a second sending of a command id is told from another command."""
    return hashlib.blake2b(identity(command), digest_size=DIGEST_SIZE_BYTES).digest()


def decode(delivery: Delivery, partition: int, partition_count: int) -> Decoded:
    """Return the request that `delivery` carries, if it is valid and belongs to `partition`.

    It never raises: a message that it cannot cope with must not come again and again.
    """
    try:
        if delivery.bundle is BundleKind.TOLD:
            return read_line_reply(delivery, partition, partition_count)
        if delivery.body == NUDGE:
            return Nudge(delivery)
        return _decode(delivery, partition, partition_count)
    except Exception as error:  # noqa: BLE001 - see above; the answer and the header tell of it
        return Unprocessable(
            delivery, Reason.FAILED, f"{type(error).__name__}: {error}", uuid_of(delivery.correlation_id)
        )


def _decode(delivery: Delivery, partition: int, partition_count: int) -> Request | OrderRequest | Unprocessable:
    if len(delivery.body) > BODY_LIMIT_BYTES:
        problem = f"the body has {len(delivery.body)} bytes; at most {BODY_LIMIT_BYTES} are allowed"
        return Unprocessable(delivery, Reason.INVALID, problem, uuid_of(delivery.correlation_id))
    try:
        asked = delivery.bundle is BundleKind.ASKED
        command = parse_line_command(delivery.body) if asked else parse_command(delivery.body)
    except ValidationError as error:
        return _salvaged(delivery, Reason.INVALID, explain(error))
    if delivery.reply_to is not None and not is_reply_to(delivery.reply_to):
        problem = f"reply_to must be one word of letters, digits, - or _ (got {delivery.reply_to[:60]!a})"
        return _salvaged(delivery, Reason.INVALID, problem)
    home = partition_of(command.aggregate_id, partition_count)
    if home != partition:
        whose = f"order {command.order_id!r}" if isinstance(command, OrderCommand) else f"sku {command.sku!r}"
        problem = (
            f"{whose} belongs to partition {home} of {partition_count}, "
            f"but the message came through partition {partition}"
        )
        return _salvaged(delivery, Reason.MISROUTED, problem)
    user = delivery.user_id or command.user
    # By type: `isinstance` of a pydantic model costs ten times as much, at every command.
    if type(command) in _ORDER_COMMANDS:
        return OrderRequest(delivery, cast("OrderCommand", command), digest_of(command), user)
    return Request(delivery, cast("StockCommand", command), digest_of(command), user)


def is_reply_to(word: str) -> bool:
    """Return whether `word` can stand as one word of a routing key."""
    return _valid(_REPLY_TO, word)


def _salvaged(delivery: Delivery, reason: Reason, error: str) -> Unprocessable:
    fields = _fields(delivery.body)
    return Unprocessable(
        delivery,
        reason,
        error,
        command_id=uuid_of(fields.get("command_id")) or uuid_of(delivery.correlation_id),
        command_type=fields["type"] if fields.get("type") in _KNOWN_TYPES else None,
        sku=fields["sku"] if _valid(_SKU, fields.get("sku")) else None,
        location=fields["location"] if _valid(_LOCATION, fields.get("location")) else None,
        quantity=fields["quantity"] if _is_quantity(fields.get("quantity")) else None,
        order_id=fields["order_id"] if _names_order(fields) else None,
    )


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _names_order(fields: dict[str, Any]) -> bool:
    return fields.get("type") in _ORDER_COMMAND_TYPES and _valid(_ORDER_ID, fields.get("order_id"))


def uuid_of(text: object) -> UUID | None:
    """Return the UUID that `text` is, if it is one."""
    if not isinstance(text, str):
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _valid(adapter: TypeAdapter[str], value: object) -> bool:
    try:
        adapter.validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def _is_quantity(value: object) -> bool:
    return type(value) is int and abs(value) <= QUANTITY_LIMIT
