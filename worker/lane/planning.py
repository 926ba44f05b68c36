"""Decides a batch of requests: what to commit, and what to answer to each.

Pure: it reads no clock and draws no id but those it is given, and changes
nothing it is given. The same requests over the same state make the same plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schemas.reasons import Reason
from schemas.results import Outcome, Result
from worker import domain
from worker.event_store import AuditRow, Batch, EventRow, LevelRow, ReservationName, StoredAnswer, Term
from worker.lane.answers import Answer, answer, answered_before
from worker.lane.command_codec import domain_command, quantity_told, reservation_id_of, to_location_of
from worker.lane.decoding import OrderRequest, Request
from worker.lane.endings import OrderEnding
from worker.lane.event_codec import event_data, event_type
from worker.lane.orders.known_order import KnownOrder
from worker.lane.orders.line_replies import LineReply
from worker.lane.orders.planning import NO_ORDERS, OrderPlanner
from worker.lane.ports import Environment
from worker.lane.recording import Recording
from worker.lane.row_codec import reservation_row

NO_RESERVATIONS: Mapping[ReservationName, domain.Reservation] = {}


class Skip(NamedTuple):
    """A request that an operator has given up: it gets an answer for good, and no effect."""

    request: Request | OrderRequest | LineReply
    why: str


Item = Request | OrderRequest | LineReply | Skip
"""What a batch is made of."""


def request_of(item: Item) -> Request | OrderRequest | LineReply:
    """Return the request that `item` is, or gives up."""
    return item.request if isinstance(item, Skip) else item


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from a batch of requests, should the commit succeed."""

    batch: Batch
    endings: list[Answer | OrderEnding]
    """One for each request, in their order."""
    stocks: dict[str, domain.Stock]
    """The states that change."""
    reservations: dict[ReservationName, domain.Reservation]
    """The same of reservations."""
    orders: dict[str, KnownOrder]
    """The same of orders."""
    term: Term
    """The term after the commit: its sequence has moved on."""


class Planner:
    """Builds the plan of one batch, request by request."""

    def __init__(
        self,
        term: Term,
        stocks: Mapping[str, domain.Stock],
        stored: Mapping[UUID, StoredAnswer],
        environment: Environment,
        reservations: Mapping[ReservationName, domain.Reservation] = NO_RESERVATIONS,
        orders: Mapping[str, KnownOrder] = NO_ORDERS,
    ) -> None:
        """Start from `stocks`, which holds every SKU of the batch, and the `stored` answers known so far.

        Of the reservations and orders that the batch names, `reservations` and `orders` hold those that exist.
        """
        self._before = stocks
        self._after: dict[str, domain.Stock] = {}
        self._reservations = dict(reservations)
        self._environment = environment
        self._recording = Recording(term, stored, environment.now())
        self._batch = self._recording.batch
        self._stored = self._recording.stored
        self._now = self._recording.now
        self._endings: list[Answer | OrderEnding] = []
        self._orders = OrderPlanner(orders, self._recording, environment)

    def plan(self, requests: Sequence[Item]) -> Plan:
        """Decide `requests` in their order."""
        for request in requests:
            if isinstance(request, Request):
                self._endings.append(self._plan_one(request))
            elif isinstance(request, Skip):
                self._endings.append(self._skip(request))
            else:
                self._endings.append(self._orders.plan(request))
        orders = self._orders.write_rows()
        reservations = {name: self._reservations[name] for name in self._batch.reservations}
        return Plan(self._batch, self._endings, self._after, reservations, orders, self._recording.term_after())

    def _skip(self, skip: Skip) -> Answer | OrderEnding:
        request = skip.request
        refusal = domain.Refusal(domain.RefusalReason.SKIPPED, f"an operator has given this command up: {skip.why}")
        if not isinstance(request, Request):
            return self._orders.skip(request, refusal)
        stock = self._after.get(request.command.sku) or self._before[request.command.sku]
        return self._known(request) or self._record(request, stock, refusal)

    def _plan_one(self, request: Request) -> Answer:
        return self._known(request) or self._decide(request)

    def _known(self, request: Request) -> Answer | None:
        known = self._stored.get(request.command.command_id)
        return None if known is None else answered_before(request, known)

    def _decide(self, request: Request) -> Answer:
        command = request.command
        stock = self._after.get(command.sku) or self._before[command.sku]
        reservation_id = reservation_id_of(command)
        reservation = None if reservation_id is None else self._reservations.get((command.sku, reservation_id))
        decision = domain.decide(stock, domain_command(command), self._now, reservation)
        if isinstance(decision, domain.Refusal):
            return self._record(request, stock, decision)
        movements = domain.movements(decision)
        after = domain.move(stock, movements)
        self._append(request, decision, movements, after)
        self._after[command.sku] = after
        return self._record(request, after, decision)

    def _append(
        self, request: Request, event: domain.Event, movements: tuple[domain.Movement, ...], after: domain.Stock
    ) -> None:
        command, batch = request.command, self._batch
        event_id = self._environment.event_id()
        batch.events.append(
            EventRow(command.sku, after.version, event_id, event_type(event), event_data(event), command.command_id)
        )
        if isinstance(event, domain.ReservationEvent):
            self._keep((command.sku, event.reservation_id), event, after.version)
        for movement in movements:
            level = after.at(movement.location)
            batch.audit.append(
                AuditRow(
                    user=request.user,
                    delta=movement.on_hand,
                    sku=command.sku,
                    location=movement.location,
                    balance=level.on_hand,
                    command_id=command.command_id,
                    event_id=event_id,
                    reason=command.reason,
                    order_id=command.order_id,
                    version=after.version,
                    reserved_delta=movement.reserved,
                )
            )
            batch.levels[command.sku, movement.location] = LevelRow(
                command.sku, movement.location, level.on_hand, level.reserved, after.version
            )

    def _keep(self, name: ReservationName, event: domain.ReservationEvent, version: int) -> None:
        before = self._reservations.get(name)
        if before is None:
            self._batch.made.add(name)
        reservation = domain.evolve_reservation(before, event)
        self._reservations[name] = reservation
        self._batch.reservations[name] = reservation_row(name, reservation, version)

    def _record(self, request: Request, stock: domain.Stock, decision: domain.Event | domain.Refusal) -> Answer:
        command = request.command
        refusal = decision if isinstance(decision, domain.Refusal) else None
        level, reservation_id = stock.at(command.location), reservation_id_of(command)
        result = Result(
            command_id=command.command_id,
            outcome=Outcome.APPLIED if refusal is None else Outcome.REJECTED,
            type=command.type,
            sku=command.sku,
            location=command.location,
            quantity=quantity_told(command, decision),
            reason=None if refusal is None else Reason(refusal.reason.value),
            message=None if refusal is None else refusal.message,
            on_hand=level.on_hand,
            reserved=level.reserved,
            available=level.available,
            version=stock.version,
            partition=self._recording.partition,
            sequence=self._recording.next_sequence,
            user=request.user,
            committed_at=self._now,
            to_location=to_location_of(command),
            reservation_id=reservation_id,
            expires_at=None if reservation_id is None else self._expires_at((command.sku, reservation_id)),
        )
        body = self._recording.record(result, command.command_id, request.digest)
        return answer(request.delivery.reply_to, result, body, command)

    def _expires_at(self, name: ReservationName) -> datetime | None:
        reservation = self._reservations.get(name)
        return reservation.expires_at if reservation is not None and reservation.held else None
