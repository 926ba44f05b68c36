"""The fold of one whole order, against which its row and its answers are compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import from_json

from schemas.partitions import partition_of
from schemas.results import RESULT_ADAPTER, OrderResult
from schemas.texts import ORDER_PREFIX
from worker.domain import orders as domain
from worker.event_store import EventRecord, OrderRow
from worker.lane.orders.codec import order_row, stored_order_event
from worker.lane.orders.results import order_result
from worker.operations.verification.answers import unlike_row
from worker.operations.verification.difference import Difference
from worker.operations.verification.lines import AnswerLine, EventLine, Line, OrderLine, SaleLine, SnapshotLine

HOLD_SECONDS = 60.0
"""How long after an order was decided its holds may still be on their way to an end."""

_DECIDED_AT_ONCE: Mapping[str, str] = {"cancel_order": "OrderCancelled", "expire_order": "OrderExpired"}
_COMPARED = frozenset(OrderResult.model_fields) - {"message", "lines"}


@dataclass(frozen=True, slots=True)
class _Decided:
    """An order at its decision: what its answer must tell."""

    order: domain.Order
    event: EventLine


class OrderFold:
    """One order, from its first line to its last."""

    def __init__(self, aggregate_id: str, partition_count: int | None) -> None:
        """Begin before the first event; without a count, it is not compared who owns the order."""
        self._name = aggregate_id
        self._partition_count = partition_count
        self._order: domain.Order | None = None
        self._version = 0
        self._event: EventLine | None = None
        self._decided: _Decided | None = None
        self._is_answered = False
        self._has_row = False
        self._sold_at_once = 0
        """Units, by the answers in the lane of its last line."""

    def feed(self, line: Line) -> Iterator[Difference]:
        """Take the next line; yield what is wrong with it."""
        match line:
            case EventLine():
                yield from self._apply(line)
            case AnswerLine():
                for message in self._unlike(line):
                    yield self._differs("answer", f"command {line.command_id}: {message}")
            case OrderLine():
                yield from self._compare(line)
            case SaleLine():
                self._sold_at_once += line.units
            case SnapshotLine():
                pass
            case _:
                yield self._differs("stock of an order", f"an order has no {type(line).__name__}")

    def finish(self) -> Iterator[Difference]:
        """Yield what is missing at the end."""
        if self._order is not None and not self._has_row:
            yield self._differs("order row missing", f"the events make it {self._order.status}")
        if self._decided is not None and not self._is_answered:
            yield self._differs("answer missing", f"command {self._decided.order.command_id} has no stored answer")
        yield from self._sold_otherwise()

    def _sold_otherwise(self) -> Iterator[Difference]:
        """Yield a sale of the last line of which the order, decided, was told otherwise, or never."""
        if self._order is not None and self._order.status is domain.OrderStatus.PENDING:
            return  # what tells it is on its way
        heard = 0 if self._order is None else sum(answer.sold for answer in self._order.answers)
        if heard != self._sold_at_once:
            message = f"{self._sold_at_once} units were sold at once for an order that is {_told(self._order)}"
            yield self._differs("sale", f"{message}; its events make it {heard}")

    def _apply(self, line: EventLine) -> Iterator[Difference]:
        if line.version != self._version + 1:
            yield self._differs("version gap", f"version {line.version} follows version {self._version}")
        self._version, self._event = line.version, line
        try:
            event = stored_order_event(EventRecord(line.event_type, line.data, line.version))
            if event is not None:
                yield from self._move(line, event)
        except (ValueError, KeyError, TypeError) as error:
            yield self._differs("event unreadable", f"version {line.version}: {error!r}")
        if self._order is not None:
            self._order = self._order.at_version(line.version)

    def _move(self, line: EventLine, event: domain.OrderEvent) -> Iterator[Difference]:
        before = self._order
        if (before is None) != isinstance(event, domain.OrderPlaced):
            yield self._out_of_place(line, before)
            if before is not None:
                return
        self._order = domain.evolve(before, event)
        if before is not None and before.status is self._order.status:
            return
        if before is not None and before.status is not domain.OrderStatus.PENDING:
            yield self._out_of_place(line, before)
        if self._order.status is not domain.OrderStatus.PENDING:
            self._decided = _Decided(self._order, line)
            yield from self._undue(line, self._order)

    def _undue(self, line: EventLine, order: domain.Order) -> Iterator[Difference]:
        whole = len(order.answers) == len(order.lines) and order.refused_line is None
        partial = len(order.answers) == len(order.lines) and order.allow_partial
        if order.status is domain.OrderStatus.SOLD and not (whole or partial):
            yield self._differs("order", f"version {line.version}: sold, but its lines got {order.answers}")

    def _unlike(self, line: AnswerLine) -> Iterator[str]:
        try:
            result = RESULT_ADAPTER.validate_json(line.answer, strict=True)
        except ValidationError as error:
            yield f"unreadable: {error.errors(include_url=False)[0]['msg']}"
            return
        if not isinstance(result, OrderResult):
            yield "is not about an order"
            return
        yield from unlike_row(line, result, self._partition_count)
        if self._order is not None and self._order.command_id == line.command_id:
            yield from self._unlike_decision(result)
        elif result.applied:
            yield from self._unlike_event(result, line.command_id)

    def _unlike_decision(self, result: OrderResult) -> Iterator[str]:
        self._is_answered = True
        if self._decided is None or self._decided.order.version != result.version:
            yield f"says {result.outcome} at version {result.version}, when the order was not decided"
            return
        order, decided_at = self._decided.order, self._decided.event.timestamp.replace(tzinfo=UTC)
        number = {"partition": result.partition or 0, "sequence": result.sequence or 0}
        expected = order_result(self._name.removeprefix(ORDER_PREFIX), order, number, decided_at)
        for field in sorted(_COMPARED):
            told, made = getattr(result, field), getattr(expected, field)
            if told != made:
                yield f"says {field} {told}, the events make {made}"
        if _sold(result) != _sold(expected):
            yield f"says lines {_sold(result)}, the events make {_sold(expected)}"

    def _unlike_event(self, result: OrderResult, command_id: UUID) -> Iterator[str]:
        event = self._event
        kind = _DECIDED_AT_ONCE.get(result.type or "")
        if event is None or (event.command_id, event.event_type) != (command_id, kind):
            yield f"says applied at version {result.version}, but no event of it is there"

    def _compare(self, line: OrderLine) -> Iterator[Difference]:
        self._has_row = True
        folded = None if self._order is None else order_row(self._name, self._order)
        home = None if self._partition_count is None else partition_of(self._name, self._partition_count)
        if home not in {None, line.partition}:
            yield self._differs("order row", f"lies in partition {line.partition}, but belongs to partition {home}")
        if folded is None or _compared(line.row) != _compared(folded):
            yield self._differs("order row", f"the row is {line.row}, the events make {folded or 'none'}")

    def _out_of_place(self, line: EventLine, before: domain.Order | None) -> Difference:
        return self._differs("order", f"version {line.version}: {line.event_type} of an order that is {_told(before)}")

    def _differs(self, kind: str, message: str) -> Difference:
        return Difference(self._name, kind, message)


def _told(order: domain.Order | None) -> str:
    return "unknown" if order is None else order.status.value


def _sold(result: OrderResult) -> list[tuple[str, str, int, int, str | None]]:
    return [(line.sku, line.location, line.quantity, line.sold, line.reason) for line in result.lines]


def _compared(row: OrderRow) -> tuple[UUID, str, datetime, Any, Any, int]:
    placed, progress = _parsed(row.placed), _parsed(row.progress)
    return row.command_id, row.status, row.deadline, placed, progress, row.version


def _parsed(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return text
