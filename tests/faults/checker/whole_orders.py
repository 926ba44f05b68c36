"""Whole orders: sold whole or not at all, decided once, told as it was, and nothing held for one that is decided.

What its lines got is taken from the recorded answers to its reservations and to the sale of its last line, which
`model` has judged; what was sold of the other lines in the end, from the table of reservations.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from tests.faults.checker.history import Body, History, Row
from tests.faults.checker.last_lines import last_lines
from tests.faults.checker.placed import Placed
from tests.faults.checker.purges import Purges
from tests.faults.checker.trails import Trail, trails_of, units_of
from tests.faults.checker.violation import Violation

DECISIONS = frozenset({"OrderSold", "OrderRefused", "OrderCancelled", "OrderExpired"})


def whole_orders(history: History, orders: Mapping[str, Placed], purges: Purges) -> Iterator[Violation]:
    """Yield what is wrong with any order."""
    trails = trails_of(history)
    for name, trail in trails.items():
        if name not in orders and (trail.held or trail.events or trail.sales):
            yield Violation("unexpected", f"there is something of {name}, which nobody placed")
    for name, order in orders.items():
        trail = trails[name]
        yield from _twice(order, trail)
        yield from _ends(order, trail)
        yield from _overtaken(history, order, trail, purges)
        yield from last_lines(order, trail)
        if trail.answer is not None:
            yield from _told_otherwise(order, trail, trail.answer.answer)
            yield from _settled_otherwise(order, trail, trail.answer.answer)


def _twice(order: Placed, trail: Trail) -> Iterator[Violation]:
    """Yield what has happened to the order twice."""
    kinds = Counter(event["event_type"] for event in trail.events)
    lines = Counter(line for event in trail.events for line in _lines_heard_of(event))
    names = (str(order.body["command_id"]),)
    if kinds["OrderPlaced"] > 1 or sum(kinds[kind] for kind in DECISIONS) > 1 or max(lines.values(), default=0) > 1:
        yield Violation("doubled", f"{order.aggregate_id} went through {dict(kinds)}", names)
    applied = [end for end in trail.ends if end.answer["outcome"] == "applied"]
    if len(applied) > 1:
        yield Violation("doubled", f"{order.aggregate_id} was ended by {[end.name for end in applied]}", names)


def _lines_heard_of(event: Row) -> range:
    """Return the lines that the order has heard of with this event; many events tell of none."""
    heard = json.loads(event["data"])
    return range(heard["line"], heard["line"] + len(heard["answers"])) if "answers" in heard else range(0)


def _ends(order: Placed, trail: Trail) -> Iterator[Violation]:
    """Yield commands that ended the order, and did not; or that came to a decided order, and say otherwise."""
    decided = trail.answer
    for end in trail.ends:
        reason, is_applied = end.answer["reason"], end.answer["outcome"] == "applied"
        came_first = decided is None or end.sequence < decided.sequence
        if is_applied and (decided is None or decided.answer["reason"] != _ENDINGS[end.answer["type"]]):
            how = None if decided is None else decided.answer["reason"] or "sold"
            message = f"{order.aggregate_id} was ended by {end.name}, and its answer says {how}"
            yield Violation("unexpected", message, (end.name, str(order.body["command_id"])))
        # Its lane may have found the sale of the last line recorded before the order heard of it.
        is_foreseen = reason == "order_completed" and trail.units_sold_at_once
        if came_first != (is_applied or reason in {"unknown_order", "not_due"}) and not is_foreseen:
            message = f"{end.name} was answered {reason or 'applied'}, and the order's number is another"
            yield Violation("unexpected", message, (end.name, str(order.body["command_id"])))


_ENDINGS = {"cancel_order": "order_cancelled", "expire_order": "order_expired"}


def _overtaken(history: History, order: Placed, trail: Trail, purges: Purges) -> Iterator[Violation]:
    """Yield cancellations that came before the order that was sent before them."""
    unknown = {end.name for end in trail.ends if end.answer["reason"] == "unknown_order"}
    if not unknown:
        return
    sent = {each.name: each for each in history.of("command") if each.sku == order.aggregate_id}
    placing = sent[str(order.body["command_id"])]
    for name in unknown & sent.keys():
        if sent[name].position > placing.position and not purges.may_have_diverted(placing):
            message = f"{order.aggregate_id}: {name} was sent after the order, and found none"
            yield Violation("reordered", message, (placing.name, name))


def _told_otherwise(order: Placed, trail: Trail, answer: Body) -> Iterator[Violation]:
    """Yield what the answer says and should not."""
    got = [units_of(trail.asked.get(number)) for number in range(1, len(order.lines) + 1)]
    is_sold = answer["outcome"] == "applied"
    lines = [
        (line.sku, line.location, line.quantity, units if is_sold else 0)
        for line, units in zip(order.lines, got, strict=True)
    ]
    wrong = []
    if [(line["sku"], line["location"], line["quantity"], line["sold"]) for line in answer["lines"]] != lines:
        wrong.append(f"its lines should be {lines}")
    enough = any(got) if order.allows_less else all(got)
    if is_sold and not enough:
        wrong.append(f"its lines got {got}")
    if answer["reason"] != (None if is_sold else _reason(order, trail, answer)):
        wrong.append(f"its reason should be {_reason(order, trail, answer)}")
    if answer["user"] != order.body["user"] or answer["version"] != len(trail.events):
        wrong.append(f"its user should be {order.body['user']}, its version {len(trail.events)}")
    if wrong:
        message = f"the answer to {order.aggregate_id}, {answer['reason'] or 'sold'}: {'; '.join(wrong)}"
        yield Violation("unexpected", message, (str(order.body["command_id"]),))


def _reason(order: Placed, trail: Trail, answer: Body) -> str | None:
    """Return why it cannot have been sold."""
    if trail.applied_end("cancel_order"):
        return "order_cancelled"
    is_late = order.deadline is not None and datetime.fromisoformat(answer["committed_at"]) >= order.deadline
    if is_late or trail.applied_end("expire_order"):
        return "order_expired"
    refused = (trail.asked[number] for number in sorted(trail.asked) if not units_of(trail.asked[number]))
    return next((str(each["reason"]) for each in refused), None)


def _settled_otherwise(order: Placed, trail: Trail, answer: Body) -> Iterator[Violation]:
    """Yield units that did not become what the order's answer says of them."""
    names = (str(order.body["command_id"]),)
    for number, line in enumerate(answer["lines"], 1):
        row = trail.held.get(number)
        if row is not None and row["status"] == "held":
            message = f"{row['held']} units are held for line {number} of {order.aggregate_id}, which is decided"
            yield Violation("held_for_ever", message, names)
            continue
        left = 0 if row is None else row["fulfilled"]
        left += trail.units_sold_at_once if number == len(order.lines) else 0
        if left != line["sold"]:
            term = "lost" if left < line["sold"] else "unexpected"
            message = f"line {number} of {order.aggregate_id}: {line['sold']} were sold, and {left} have left"
            yield Violation(term, message, names)
