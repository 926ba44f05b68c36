"""Negative: less than nothing in stock at any moment. Unaudited: a change without its row, or the other way round."""

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.checker.history import History, Row
from tests.faults.checker.model import Expectation
from tests.faults.checker.placed import is_of_order
from tests.faults.checker.violation import Violation

Place = tuple[str, str]
"""SKU and location."""


def negative(history: History) -> Iterator[Violation]:
    """Yield every moment at which something was less than nothing."""
    for row, on_hand, reserved in _running(history):
        if on_hand < 0 or not 0 <= reserved <= on_hand:
            place = f"{row['sku']} at {row['location']}, version {row['version']}"
            yield Violation("negative", f"{place}: {on_hand} on hand, {reserved} reserved", (str(row["command_id"]),))
    for receipt in history.received:
        levels = [receipt.answer.get(name) for name in ("on_hand", "reserved", "available")]
        if any(isinstance(level, int) and level < 0 for level in levels):
            yield Violation("negative", f"the answer to {receipt.name} tells of {levels}", (str(receipt.name),))


def unaudited(history: History, expected: list[Expectation]) -> Iterator[Violation]:
    """Yield every change that the audit does not tell of as it was, and every sum that is another."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in history.audit:
        rows[row["command_id"]].append(row)
    for each in expected:
        name = each.recorded.name
        told = sorted((row["location"], row["delta"], row["reserved_delta"]) for row in rows[name])
        if told != sorted(each.moves):
            yield Violation("unaudited", f"{name} moved {sorted(each.moves)}, the audit says {told}", (name,))
    yield from _unmatched_events(history)
    yield from _sums(history)


def _unmatched_events(history: History) -> Iterator[Violation]:
    events = {row["event_id"]: row for row in history.events if not is_of_order(row["aggregate_id"])}
    audited = {row["event_id"]: row for row in history.audit}
    for event_id in events.keys() ^ audited.keys():
        row = events.get(event_id) or audited[event_id]
        where = "no audit row" if event_id in events else "no event"
        yield Violation("unaudited", f"{event_id} has {where}", (str(row["command_id"]),))


def _sums(history: History) -> Iterator[Violation]:
    sums: dict[Place, tuple[int, int]] = {}
    for row, on_hand, reserved in _running(history):
        sums[row["sku"], row["location"]] = (on_hand, reserved)
        if row["balance"] != on_hand:
            message = f"{row['sku']}, version {row['version']}: balance {row['balance']}, and the sum is {on_hand}"
            yield Violation("unaudited", message, (str(row["command_id"]),))
    levels = {(row["sku"], row["location"]): (row["on_hand"], row["reserved"]) for row in history.levels}
    for place in levels.keys() | sums.keys():
        if levels.get(place) != sums.get(place):
            message = f"{place}: the stock row says {levels.get(place)}, the audit sums to {sums.get(place)}"
            yield Violation("unaudited", message)


def _running(history: History) -> Iterator[tuple[Row, int, int]]:
    """Yield each audit row in its SKU's order, with what was on hand and reserved after it."""
    totals: dict[Place, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in sorted(history.audit, key=lambda row: (row["sku"], row["version"])):
        place = (row["sku"], row["location"])
        on_hand, reserved = totals[place]
        totals[place] = (on_hand + row["delta"], reserved + row["reserved_delta"])
        yield row, *totals[place]
