"""The fold of one SKU, against which its rows are compared, one by one, in bounded memory."""

import json
from collections.abc import Iterator
from uuid import UUID

from schemas.results import Outcome
from worker import domain
from worker.event_store import EventRecord
from worker.lane.event_codec import stored_event
from worker.operations.verification.answers import (
    ReadAnswer,
    UnreadableAnswer,
    read_answer,
    unlike_event,
    unlike_levels,
    unlike_refusal,
    unlike_row,
)
from worker.operations.verification.difference import Difference
from worker.operations.verification.lines import (
    AnswerLine,
    AuditLine,
    EventLine,
    LevelLine,
    Line,
    ReservationLine,
    SnapshotLine,
)
from worker.operations.verification.order import AnswerOrder
from worker.operations.verification.reservations import ReservationFold

NO_SKU = "-"
"""Stands for the SKU of what names none."""


class AggregateFold:
    """One SKU, from its first line to its last."""

    def __init__(self, sku: str, partition_count: int | None) -> None:
        """Begin before the first event; without a count, it is not compared who owns the SKU."""
        self._sku = sku
        self._partition_count = partition_count
        self._before = domain.Stock()
        self._stock = domain.Stock()
        self._happened: domain.Event | None = None
        self._touched: dict[str, int] = {}
        self._event: EventLine | None = None
        self._unaudited: dict[str, domain.Movement] = {}
        self._audit_user: str | None = None
        self._unanswered: UUID | None = None
        self._order = AnswerOrder()
        self._rows: set[str] = set()
        self._reservations = ReservationFold(sku)
        self._reserved_before: domain.Reservation | None = None
        """The reservation that the newest event is about, before it."""

    def feed(self, line: Line) -> Iterator[Difference]:
        """Take the next line; yield what is wrong with it or was missing before it."""
        match line:
            case EventLine():
                yield from self._settle_event()
                yield from self._apply(line)
            case AuditLine():
                yield from self._audit(line)
            case AnswerLine():
                yield from self._answer(line)
            case SnapshotLine():
                yield from self._snapshot(line)
            case LevelLine():
                yield from self._level(line)
            case ReservationLine():
                yield from self._reservations.compare(line.row)

    def finish(self) -> Iterator[Difference]:
        """Yield what is missing at the end."""
        yield from self._settle_event()
        for location in sorted(set(self._touched) - self._rows):
            on_hand = self._stock.at(location).on_hand
            yield self._differs("stock row missing", f"location {location}: the events make {on_hand} on hand")
        yield from self._reservations.finish()

    def _apply(self, line: EventLine) -> Iterator[Difference]:
        if line.version != self._stock.version + 1:
            yield self._differs("version gap", f"version {line.version} follows version {self._stock.version}")
        try:
            event = stored_event(EventRecord(line.event_type, line.data, line.version))
        except (ValueError, RecursionError) as error:
            event = None
            yield self._differs("event unreadable", f"version {line.version}: {error}")
        self._event, self._happened, self._before = line, event, self._stock
        self._unanswered, self._audit_user = line.command_id, None
        if event is None:
            self._stock = domain.Stock(line.version, self._stock.levels)
            return
        self._stock = domain.Stock(line.version, domain.evolve(self._stock, event).levels)
        self._reserved_before = None
        if isinstance(event, domain.ReservationEvent):
            self._reserved_before = self._reservations.get(event.reservation_id)
            yield from self._reservations.apply(event, line.version)
        self._unaudited = {movement.location: movement for movement in domain.movements(event)}
        for location in self._unaudited:
            self._touched[location] = line.version
            level = self._stock.at(location)
            if level.available < 0:
                yield self._differs(
                    "negative stock", f"version {line.version}: {level.available} available at {location}"
                )
            if level.reserved < 0:
                yield self._differs(
                    "negative stock", f"version {line.version}: {level.reserved} reserved at {location}"
                )

    def _settle_event(self) -> Iterator[Difference]:
        version = self._stock.version
        for location, movement in self._unaudited.items():
            yield self._differs("audit row missing", f"version {version}: no row for {_moved(movement)} at {location}")
        if self._unanswered is not None:
            yield self._differs("answer missing", f"version {version}: command {self._unanswered} has no stored answer")
        self._unaudited = {}
        self._unanswered = None

    def _audit(self, line: AuditLine) -> Iterator[Difference]:
        event = self._event
        movement = self._unaudited.pop(line.location, None)
        where = f"version {line.version} at {line.location}"
        if event is None or event.version != line.version or movement is None:
            yield self._differs("audit row without event", f"{where}: delta {line.delta:+d}")
            return
        balance = self._stock.at(line.location).on_hand
        told = domain.Movement(line.location, line.delta, line.reserved_delta)
        if (told, line.balance) != (movement, balance):
            yield self._differs(
                "audit row",
                f"{where}: delta {_moved(told)} and balance {line.balance}, "
                f"events make {_moved(movement)} and {balance}",
            )
        if (line.command_id, line.event_id) != (event.command_id, event.event_id):
            yield self._differs("audit row", f"{where}: names command {line.command_id}, event {line.event_id}")
        if line.timestamp != event.timestamp:
            yield self._differs("audit row", f"{where}: of {line.timestamp}, the event was at {event.timestamp}")
        self._audit_user = line.user

    def _answer(self, line: AnswerLine) -> Iterator[Difference]:
        where = f"command {line.command_id}"
        event = self._event if self._unanswered == line.command_id else None
        if event is not None:
            self._unanswered = None
        try:
            answer = read_answer(line)
        except UnreadableAnswer as error:
            yield self._differs("answer unreadable", f"{where}: {error}")
            return
        for message in self._unlike(line, answer, event):
            yield self._differs("answer", f"{where}: {message}")
        for message in self._order.follow(line, applied=answer.result.applied):
            yield self._differs("sequence order", f"{where}: {message}")

    def _unlike(self, line: AnswerLine, answer: ReadAnswer, event: EventLine | None) -> Iterator[str]:
        result = answer.result
        yield from unlike_row(line, result, self._partition_count)
        if line.version != self._stock.version:
            yield f"says version {line.version}, which does not exist"
            return
        if event is None and result.outcome is Outcome.APPLIED:
            yield f"says applied at version {line.version}, but no event of it is there"
        elif event is None:
            yield from unlike_refusal(answer, self._stock, self._reservations.get(result.reservation_id))
        elif result.outcome is not Outcome.APPLIED:
            yield f"says {result.outcome}, but an event of it exists"
        else:
            yield from unlike_event(answer, event, self._happened, self._before, self._reserved_before)
            if self._audit_user is not None and result.user != self._audit_user:
                yield f"says user {result.user}, the audit row says {self._audit_user}"
        yield from unlike_levels(result, self._stock)

    def _snapshot(self, line: SnapshotLine) -> Iterator[Difference]:
        if not line.is_stock:
            return
        if line.version != self._stock.version:
            yield self._differs("snapshot", f"of version {line.version}, which does not exist")
            return
        folded = {location: level.on_hand for location, level in self._stock.levels.items()}
        try:
            state = json.loads(line.state)
        except (ValueError, RecursionError) as error:
            yield self._differs("snapshot", f"version {line.version}: unreadable: {error}")
            return
        if state != folded:
            yield self._differs("snapshot", f"version {line.version}: says {line.state}, the events make {folded}")

    def _level(self, line: LevelLine) -> Iterator[Difference]:
        self._rows.add(line.location)
        level = self._stock.at(line.location)
        version = self._touched.get(line.location)
        if version is None:
            yield self._differs("stock row without event", f"location {line.location}: {line.on_hand} on hand")
        elif (line.on_hand, line.reserved, line.version) != (level.on_hand, level.reserved, version):
            yield self._differs(
                "stock row",
                f"location {line.location}: {line.on_hand} on hand, {line.reserved} reserved, version {line.version}; "
                f"the events make {level.on_hand}, {level.reserved}, version {version}",
            )

    def _differs(self, kind: str, message: str) -> Difference:
        return Difference(self._sku or NO_SKU, kind, message)


def _moved(movement: domain.Movement) -> str:
    reserved = f" and {movement.reserved:+d} reserved" if movement.reserved else ""
    return f"{movement.on_hand:+d}{reserved}"
