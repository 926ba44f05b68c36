"""What an append will write, worked out in memory: events, what they move, and the stock rows after them.

Where another program appended without stock rows, the next append that moves stock
writes them all, in its own statement. If one of them would be below zero, which the
table refuses, none is written, so that all keep lagging behind together and are seen
to; events and audit go on meanwhile, and no append takes what is not there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from uuid import uuid4

from worker.event_store.appending.kept_aggregate import KeptAggregate
from worker.event_store.errors import Oversold
from worker.event_store.history.stored import StoredEvent, encoded, now
from worker.event_store.history.upcasting import Upcasters
from worker.event_store.statements import statement
from worker.event_store.stock import stock_changes


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is to happen. `data` is JSON: what the caller does to its dict later changes nothing."""

    event_type: str
    data: str

    @classmethod
    def of(cls, event_type: str, data: dict[str, Any]) -> "NewEvent":
        """Take the data as it is now. Raises `TypeError` or `ValueError` where JSON cannot hold it."""
        return cls(event_type, encoded(data))


Decide = Callable[[KeptAggregate], Sequence[NewEvent]]
"""Says what happens to an aggregate in the state it is in; raises to refuse. May be asked several times."""


@dataclass(frozen=True, slots=True)
class Movement:
    """An event that moves stock, for the audit."""

    event: StoredEvent
    item_id: str
    delta: int
    balance: int


class StockRows(Enum):
    """Which stock rows an append writes."""

    MOVED = auto()
    """Those of the items that it moves: all others are right."""
    ALL_LAGGING = auto()
    """Those that lag behind, too."""
    NONE = auto()
    """An item is oversold, and stays so."""


@dataclass(slots=True)
class AppendPlan:
    """The rows of one append."""

    aggregate_id: str
    user: str
    stock_rows: StockRows = StockRows.MOVED
    events: list[StoredEvent] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    reserved: dict[str, int] = field(default_factory=dict)

    @property
    def first(self) -> StoredEvent:
        """The first of its events, whose version shows who was faster: they are written together."""
        return self.events[0]

    @property
    def newest(self) -> StoredEvent:
        """The last of its events."""
        return self.events[-1]

    def query(self, *, with_stock: bool) -> tuple[str, tuple[Any, ...]]:
        """Return the one statement that writes the plan, and its arguments."""
        moves = with_stock and bool(self.movements)
        if len(self.events) == 1 and len(self.movements) <= 1 and self.stock_rows is StockRows.MOVED:
            return (
                (statement("append_stock_event"), self._one_moving())
                if moves
                else (statement("append_event"), self._one())
            )
        return (
            (statement("append_stock_events"), self._many_moving())
            if moves
            else (statement("append_events"), self._many())
        )

    def _one(self) -> tuple[Any, ...]:
        (event,) = self.events
        return event.event_id, event.aggregate_id, event.event_type, event.data, event.timestamp, event.version

    def _one_moving(self) -> tuple[Any, ...]:
        (movement,) = self.movements
        reserved = self.reserved.get(movement.item_id, 0)
        return *self._one(), self.user, movement.delta, movement.item_id, movement.balance, reserved

    def _many(self) -> tuple[Any, ...]:
        return (
            [event.event_id for event in self.events],
            self.aggregate_id,
            [event.event_type for event in self.events],
            [event.data for event in self.events],
            self.newest.timestamp,
            [event.version for event in self.events],
        )

    def _many_moving(self) -> tuple[Any, ...]:
        moved, levels = self.movements, {movement.item_id: movement for movement in self.movements}
        if self.stock_rows is StockRows.NONE:
            levels = {}
        return (
            *self._many(),
            self.user,
            [movement.delta for movement in moved],
            [movement.item_id for movement in moved],
            [movement.balance for movement in moved],
            [movement.event.event_id for movement in moved],
            [movement.event.version for movement in moved],
            list(levels),
            [movement.balance for movement in levels.values()],
            [self.reserved.get(item_id, 0) for item_id in levels],
            [movement.event.version for movement in levels.values()],
            self.stock_rows is StockRows.ALL_LAGGING,
        )


def plan_append(
    aggregate_id: str, kept: KeptAggregate, new_events: Sequence[NewEvent], user: str, upcasters: Upcasters
) -> AppendPlan:
    """Return what `new_events` write, one version after the other from `kept` on; change nothing. Raises `Oversold`."""
    plan, timestamp, moved = AppendPlan(aggregate_id, user, reserved=kept.reserved), now(), dict[str, int]()
    for version, new in enumerate(new_events, kept.version + 1):
        stored_type = upcasters.stored_type(new.event_type)
        event = StoredEvent(str(uuid4()), aggregate_id, stored_type, new.data, timestamp, version)
        plan.events.append(event)
        for change in stock_changes(new.event_type, event.event(upcasters).data):
            balance = moved.get(change.item_id, kept.on_hand.get(change.item_id, 0)) + change.delta
            moved[change.item_id] = balance
            plan.movements.append(Movement(event, change.item_id, change.delta, balance))
    plan.stock_rows = _stock_rows(aggregate_id, kept, plan.movements)
    return plan


def _stock_rows(aggregate_id: str, kept: KeptAggregate, movements: Sequence[Movement]) -> StockRows:
    if not (kept.rows_lag and movements):
        return StockRows.MOVED
    oversold = kept.oversold()
    if not oversold:
        return StockRows.ALL_LAGGING
    for movement in movements:
        # The database cannot refuse what it has no row of.
        if movement.balance < kept.reserved.get(movement.item_id, 0):
            raise Oversold(aggregate_id, movement.item_id, kept.available(movement.item_id))
    healed = {movement.item_id for movement in movements}
    return StockRows.ALL_LAGGING if oversold <= healed else StockRows.NONE
