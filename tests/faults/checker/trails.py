"""All that is recorded about each whole order, gathered from every table."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.faults.checker.history import Body, History, Recorded, Row
from tests.faults.checker.placed import PREFIX, SALE, held_for, is_forestalling, is_of_order


@dataclass(slots=True)
class Trail:
    """All that is recorded about one order."""

    answer: Recorded | None = None
    """To the command that placed it."""
    asked: dict[int, Body] = field(default_factory=dict)
    """The answers to what was to get its lines their units: a reservation, and the sale of the last one."""
    sales: list[Recorded] = field(default_factory=list)
    """The answers to the sale of its last line, that which kept it from being sold included."""
    ends: list[Recorded] = field(default_factory=list)
    """The answers to whatever was to end it: cancellations, and that its time is up."""
    held: dict[int, Row] = field(default_factory=dict)
    """The rows of its reservations."""
    events: list[Row] = field(default_factory=list)

    @property
    def units_sold_at_once(self) -> int:
        """Return how many units of its last line were sold."""
        return sum(units_of(sale.answer) for sale in self.sales)

    def applied_end(self, kind: str) -> Recorded | None:
        """Return the command of this kind that ended it."""
        applied = (end for end in self.ends if end.answer["type"] == kind and end.answer["outcome"] == "applied")
        return next(applied, None)


def trails_of(history: History) -> dict[str, Trail]:
    """Return the trail of each order, by aggregate id; an order that left none has an empty one."""
    trails: dict[str, Trail] = defaultdict(Trail)
    for recorded in history.recorded.values():
        _take_in(recorded, trails)
    for row in history.reservations:
        if is_of_order(row["reservation_id"]):
            name, line = held_for(row["reservation_id"])
            trails[name].held[line] = row
    for row in history.events:
        if is_of_order(row["aggregate_id"]):
            trails[row["aggregate_id"]].events.append(row)
    return trails


def units_of(answer: Body | None) -> int:
    """Return how many units a line got by what it was asked."""
    if answer is None or answer["outcome"] != "applied":
        return 0
    return int(answer["quantity"] or 0)


def _take_in(recorded: Recorded, trails: dict[str, Trail]) -> None:
    answer = recorded.answer
    if is_forestalling(answer):
        trails[f"{PREFIX}{answer['order_id']}"].sales.append(recorded)
        return
    match answer["type"]:
        case "place_order":
            trails[f"{PREFIX}{answer['order_id']}"].answer = recorded
        case "cancel_order" | "expire_order":
            trails[f"{PREFIX}{answer['order_id']}"].ends.append(recorded)
        case "reserve_line" | "sell_line":
            name, line = held_for(answer["reservation_id"])
            trails[name].asked[line] = answer
            if answer["type"] == SALE:
                trails[name].sales.append(recorded)
