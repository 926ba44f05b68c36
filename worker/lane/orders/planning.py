"""Decides what is asked about whole orders, and what they hear of their lines: a part of one batch.

Pure, as `worker.lane.planning`. Whatever has been done already is answered and
asked once more, because its first answer may have been lost with the worker
that was to send it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import schemas
from schemas.texts import ORDER_PREFIX
from worker.domain import Refusal
from worker.domain import orders as domain
from worker.event_store import EventRow, StoredAnswer
from worker.lane.answers import Answer, answer, conflicting, repeated
from worker.lane.decoding import OrderRequest
from worker.lane.endings import OrderEnding
from worker.lane.orders.codec import order_event_data, order_row
from worker.lane.orders.errands import command_of, commands_of
from worker.lane.orders.known_order import KnownOrder
from worker.lane.orders.last_sale import forestall_sale, last_line_is_sold
from worker.lane.orders.line_replies import LineReply
from worker.lane.orders.results import command_result, order_result
from worker.lane.ports import Environment
from worker.lane.recording import Recording

NO_ORDERS: Mapping[str, KnownOrder] = {}


class OrderPlanner:
    """Writes what follows into a batch that it shares with the planner of stock."""

    def __init__(self, orders: Mapping[str, KnownOrder], recording: Recording, environment: Environment) -> None:
        """Start from `orders`, those of the batch that exist, by aggregate id."""
        self._before = orders
        self._orders = {name: known.order for name, known in orders.items()}
        self._changed = dict[str, None]()
        """As a set that keeps its order."""
        self._recording = recording
        self._batch = recording.batch
        self._stored = recording.stored
        self._now = recording.now
        self._environment = environment

    def plan(self, item: OrderRequest | LineReply) -> OrderEnding:
        """Decide one item."""
        if isinstance(item, LineReply):
            return self._hear(item)
        known = self._stored.get(item.command.command_id)
        if known is None:
            return self._decide(item)
        if known.digest != item.digest:
            return OrderEnding([conflicting(item, known)], [])
        return self._repeat(item, known)

    def skip(self, item: OrderRequest | LineReply, refusal: Refusal) -> OrderEnding:
        """Answer with `refusal` what an operator has given up. What an order heard of a line needs no answer."""
        if isinstance(item, LineReply):
            return _NOTHING_MORE
        known = self._stored.get(item.command.command_id)
        if known is None:
            order = self._orders.get(item.command.aggregate_id)
            return OrderEnding([self._answer_command(item, order, refusal)], [])
        if known.digest != item.digest:
            return OrderEnding([conflicting(item, known)], [])
        return (
            _NOTHING_MORE if known.answer is None else OrderEnding([repeated(item.delivery.reply_to, known.answer)], [])
        )

    def write_rows(self) -> dict[str, KnownOrder]:
        """Add the rows of the orders that have changed, as they stand after the last item; return these orders."""
        changed = {}
        for name in self._changed:
            order, before = self._orders[name], self._before.get(name)
            row = order_row(name, order, None if before is None else before.placed)
            self._batch.orders[name] = row
            changed[name] = KnownOrder(order, self._stored.get(order.command_id), row.placed)
        return changed

    def _decide(self, request: OrderRequest) -> OrderEnding:
        command, name = request.command, request.command.aggregate_id
        order = self._orders.get(name)
        is_sold = order is not None and last_line_is_sold(name, order, self._stored)
        decision = _decision(request, order, self._now, is_sold=is_sold)
        if isinstance(decision, Refusal):
            # Where it is sold and has not heard of that, what it asks again tells it.
            asked = commands_of(name, order) if order is not None and is_sold else []
            return OrderEnding([self._answer_command(request, order, decision)], asked)
        after = self._append(name, decision, command.command_id)
        if isinstance(decision, domain.OrderPlaced):
            self._recording.place(command.command_id, request.digest)
            return OrderEnding([], commands_of(name, after))
        answers = [self._answer_command(request, after, None), *self._answer_order(name, after)]
        return OrderEnding(answers, commands_of(name, after))

    def _repeat(self, request: OrderRequest, known: StoredAnswer) -> OrderEnding:
        name, reply_to = request.command.aggregate_id, request.delivery.reply_to
        order = self._orders.get(name)
        if known.answer is not None:
            again = self._once_more(name) if not isinstance(request.command, schemas.PlaceOrder) else _NOTHING_MORE
            return OrderEnding([repeated(reply_to, known.answer), *again.answers], again.asked)
        if order is None:
            raise ValueError(f"{name} was placed, but has no events")
        wanted = domain.place_again(order, reply_to)
        after = order if wanted is None else self._append(name, wanted, request.command.command_id)
        return OrderEnding([], [] if after.answers else commands_of(name, after))

    def _hear(self, reply: LineReply) -> OrderEnding:
        name, heard = reply.aggregate_id, reply.heard
        order = self._orders.get(name)
        if order is None:
            return _NOTHING_MORE
        is_sold = not heard.tells_of_sale and last_line_is_sold(name, order, self._stored)
        event = domain.hear(order, heard, self._now, is_sold=is_sold)
        if event is None:
            # Where it is sold: asked again at once, what failed would fail again; the clock asks later.
            return _NOTHING_MORE if is_sold else self._heard_again(name, order, heard)
        order = self._append(name, event, reply.command_id)
        answers = self._answer_order(name, order) if order.awaited is None else []
        return OrderEnding(answers, commands_of(name, order))

    def _heard_again(self, name: str, order: domain.Order, heard: domain.LinesAnswered) -> OrderEnding:
        unwanted = [command_of(name, order, errand) for errand in domain.unwanted(order, heard)]
        again = self._once_more(name) if heard.last_line == len(order.answers) else _NOTHING_MORE
        return OrderEnding(again.answers, [*unwanted, *again.asked])

    def _once_more(self, name: str) -> OrderEnding:
        """Return what the last step of the order sent, which may have been lost."""
        order = self._orders.get(name)
        if order is None:
            return _NOTHING_MORE
        stored = self._stored.get(order.command_id)
        answered = stored.answer if stored is not None else None
        answers = [] if answered is None else [repeated(reply_to, answered) for reply_to in order.reply_tos]
        return OrderEnding([*answers, *forestall_sale(name, order, self._recording)], commands_of(name, order))

    def _append(self, name: str, event: domain.OrderEvent, command_id: UUID | None) -> domain.Order:
        order = domain.evolve(self._orders.get(name), event)
        self._orders[name] = order
        self._changed[name] = None
        kind, event_id = type(event).__name__, self._environment.event_id()
        self._batch.events.append(EventRow(name, order.version, event_id, kind, order_event_data(event), command_id))
        return order

    def _answer_command(self, request: OrderRequest, order: domain.Order | None, refusal: Refusal | None) -> Answer:
        result = command_result(request, order, refusal, self._recording.next_number(), self._now)
        body = self._recording.record(result, request.command.command_id, request.digest)
        return answer(request.delivery.reply_to, result, body)

    def _answer_order(self, name: str, order: domain.Order) -> list[Answer]:
        placed = self._stored.get(order.command_id)
        if placed is None:
            raise ValueError(f"the row of {name} is missing; run: order-worker rebuild")
        result = order_result(name.removeprefix(ORDER_PREFIX), order, self._recording.next_number(), self._now)
        body = self._recording.complete(result, order.command_id, placed.digest)
        answers = [answer(reply_to, result, body) for reply_to in order.reply_tos]
        return [*answers, *forestall_sale(name, order, self._recording)]


_NOTHING_MORE = OrderEnding([], [])


def _decision(
    request: OrderRequest, order: domain.Order | None, now: datetime, *, is_sold: bool
) -> domain.OrderPlaced | domain.OrderCancelled | domain.OrderExpired | Refusal:
    command = request.command
    if isinstance(command, schemas.PlaceOrder):
        return domain.place(order, _placed(request, command, now))
    if isinstance(command, schemas.CancelOrder):
        return domain.cancel(order, is_sold=is_sold)
    return domain.expire(order, command.expires_at, is_sold=is_sold)


def _placed(request: OrderRequest, command: schemas.PlaceOrder, now: datetime) -> domain.OrderPlaced:
    return domain.OrderPlaced(
        command.command_id,
        request.user,
        command.reason,
        tuple(domain.Line(line.sku, line.location, line.quantity) for line in command.lines),
        command.allow_partial,
        now + timedelta(seconds=command.expires_in),
        request.delivery.reply_to,
    )
