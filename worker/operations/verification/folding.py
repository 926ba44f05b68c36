"""The fold of one SKU, against which its rows are compared, one by one, in bounded memory."""

from collections.abc import Iterator
from uuid import UUID

from schemas.results import Outcome, Result, parse_result
from worker import domain
from worker.event_store import EventRecord
from worker.lane.codec import stored_event
from worker.operations.verification.difference import Difference
from worker.operations.verification.lines import (
    AnswerLine,
    AuditLine,
    EventLine,
    LevelLine,
    Line,
    ReservationLine,
)
from worker.operations.verification.reservations import ReservationFold


class AggregateFold:
    """One SKU, from its first line to its last."""

    def __init__(self, sku: str) -> None:
        self._sku = sku
        self._stock = domain.Stock()
        self._touched: dict[str, int] = {}
        self._event: EventLine | None = None
        self._unaudited: dict[str, domain.Movement] = {}
        self._unanswered: UUID | None = None
        self._rows: set[str] = set()
        self._reservations = ReservationFold(sku)

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
        event = stored_event(EventRecord(line.event_type, line.data, line.version))
        self._event = line
        self._unanswered = line.command_id
        if event is None:
            self._stock = domain.Stock(line.version, self._stock.levels)
            return
        self._stock = domain.Stock(line.version, domain.evolve(self._stock, event).levels)
        if isinstance(event, domain.ReservationEvent):
            yield from self._reservations.apply(event, line.version)
        self._unaudited = {movement.location: movement for movement in domain.movements(event)}
        for location in self._unaudited:
            self._touched[location] = line.version
            available = self._stock.at(location).available
            if available < 0:
                yield self._differs("negative stock", f"version {line.version}: {available} available at {location}")

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

    def _answer(self, line: AnswerLine) -> Iterator[Difference]:
        result = parse_result(line.answer)
        where = f"command {line.command_id}"
        if line.version != self._stock.version:
            yield self._differs("answer", f"{where}: says version {line.version}, which does not exist")
            return
        if result.command_id != line.command_id:
            yield self._differs("answer", f"{where}: names command {result.command_id}")
        if result.outcome is Outcome.APPLIED:
            yield from self._applied(line, where)
        elif self._unanswered == line.command_id:
            self._unanswered = None
            yield self._differs("answer", f"{where}: says {result.outcome}, but an event of it exists")
        yield from self._levels_in(result, where)

    def _applied(self, line: AnswerLine, where: str) -> Iterator[Difference]:
        if self._unanswered == line.command_id:
            self._unanswered = None
            return
        yield self._differs("answer", f"{where}: says applied at version {line.version}, but no event of it is there")

    def _levels_in(self, result: Result, where: str) -> Iterator[Difference]:
        level = self._stock.at(result.location or "")
        told = (result.on_hand, result.reserved, result.available)
        folded = (level.on_hand, level.reserved, level.available)
        if told != folded:
            yield self._differs("answer", f"{where}: says {_levels(told)}, the events make {_levels(folded)}")

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
        return Difference(self._sku, kind, message)


def _levels(levels: tuple[int | None, int | None, int | None]) -> str:
    return "{} on hand, {} reserved, {} available".format(*levels)


def _moved(movement: domain.Movement) -> str:
    reserved = f" and {movement.reserved:+d} reserved" if movement.reserved else ""
    return f"{movement.on_hand:+d}{reserved}"
