"""Between the domain's orders and what is stored of them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from worker.domain.orders import (
    Line,
    LineAnswer,
    LinesAnswered,
    Order,
    OrderCancelled,
    OrderEvent,
    OrderExpired,
    OrderPlaced,
    OrderRefused,
    OrderSold,
    OrderStatus,
    ReplyWanted,
    evolve,
)
from worker.event_store import EventRecord, OrderRecord, OrderRow


def order_event_data(event: OrderEvent) -> str:
    """Return the JSON that is stored for `event`, under the name of its class."""
    return _json(DATA[type(event)](event))


def stored_order_event(record: EventRecord) -> OrderEvent | None:
    """Return the event that `record` holds, or None where it says nothing about an order.

    Raises `ValueError`, `KeyError` or `TypeError` where it is one of ours, and spoilt.
    """
    read = EVENTS.get(record.event_type)
    return None if read is None else read(from_json(record.data))


def order_placed(order: Order) -> str:
    """Return the JSON of what was ordered, which never changes."""
    return _json(_placed(order))


def order_row(aggregate_id: str, order: Order, placed: str | None = None) -> OrderRow:
    """Return the row of the order; `placed` is what `order_placed` returns, where that is known."""
    return OrderRow(
        aggregate_id,
        order.command_id,
        order.status.value,
        order.deadline.astimezone(UTC).replace(tzinfo=None),
        order_placed(order) if placed is None else placed,
        _json(_progress(order)),
        order.version,
    )


def stored_order(record: OrderRecord) -> Order | None:
    """Return the order of a loaded record, folding its events where its row lags behind; None where there is none."""
    if record.placed is None or record.progress is None:
        return folded_order(record.events)
    placed, progress = _read_placed(from_json(record.placed)), from_json(record.progress)
    return Order(
        version=record.version,
        command_id=placed.command_id,
        user=placed.user,
        reason=placed.reason,
        lines=placed.lines,
        allow_partial=placed.allow_partial,
        deadline=placed.deadline,
        reply_tos=tuple(progress["reply_tos"]),
        answers=tuple(LineAnswer(*answer) for answer in progress["answers"]),
        status=OrderStatus(record.status or ""),
    )


def folded_order(records: Iterable[EventRecord]) -> Order | None:
    """Return the order that its events make; events of others count as versions only."""
    order: Order | None = None
    version = 0
    for record in records:
        event = stored_order_event(record)
        version = record.version
        order = order if event is None else evolve(order, event)
    return None if order is None else order.at_version(version)


def _json(value: Any) -> str:
    return to_json(value).decode()


def _placed(order: OrderPlaced | Order) -> dict[str, Any]:
    return {
        "command_id": str(order.command_id),
        "user": order.user,
        "reason": order.reason,
        "lines": [[line.sku, line.location, line.quantity] for line in order.lines],
        "allow_partial": order.allow_partial,
        "deadline": order.deadline.isoformat(),
    }


def _read_placed(data: Any) -> OrderPlaced:
    return OrderPlaced(
        UUID(data["command_id"]),
        data["user"],
        data["reason"],
        tuple(Line(*line) for line in data["lines"]),
        data["allow_partial"],
        datetime.fromisoformat(data["deadline"]),
        data.get("reply_to"),
    )


def _heard(heard: LinesAnswered | None) -> dict[str, Any]:
    return {} if heard is None else {"line": heard.line, "answers": heard.answers}


def _read_answered(line: int, *answers: Iterable[Any]) -> LinesAnswered:
    return LinesAnswered(line, tuple(LineAnswer(*answer) for answer in answers))


def _read_heard(data: Any) -> LinesAnswered | None:
    return _read_answered(data["line"], *data["answers"]) if data else None


def _progress(order: Order) -> dict[str, Any]:
    return {
        "answers": order.answers,
        "reply_tos": order.reply_tos,
    }


DATA: Mapping[type[OrderEvent], Callable[[Any], dict[str, Any]]] = {
    OrderPlaced: lambda event: {**_placed(event), "reply_to": event.reply_to},
    ReplyWanted: lambda event: {"reply_to": event.reply_to},
    LinesAnswered: _heard,
    OrderSold: lambda event: _heard(event.heard),
    OrderRefused: lambda event: _heard(event.heard),
    OrderCancelled: lambda _event: {},
    OrderExpired: lambda event: _heard(event.heard),
}
"""Every event as it is stored."""

EVENTS: Mapping[str, Callable[[Any], OrderEvent]] = {
    "OrderPlaced": _read_placed,
    "ReplyWanted": lambda data: ReplyWanted(data["reply_to"]),
    "LinesAnswered": lambda data: _read_answered(data["line"], *data["answers"]),
    "LineHeld": lambda data: _read_answered(data["line"], (data["quantity"],)),
    "LineRefused": lambda data: _read_answered(data["line"], (0, data["reason"], data["message"])),
    "OrderSold": lambda data: OrderSold(_read_heard(data)),
    "OrderRefused": lambda data: OrderRefused(_read_heard(data)),
    "OrderCancelled": lambda _data: OrderCancelled(),
    "OrderExpired": lambda data: OrderExpired(_read_heard(data)),
}
"""Every event as it is read. Two are not written any more: each line was once heard of alone."""
