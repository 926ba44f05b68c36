"""The last line of an order: sold at once, which decides the order, or kept from that by whoever decides it otherwise.

Two lanes may decide: that of the line's SKU, by selling it, and the order's own, by an answer under that sale's id.
"""

from collections.abc import Iterator

from tests.faults.checker.history import Body, Recorded
from tests.faults.checker.placed import Placed, is_forestalling
from tests.faults.checker.trails import Trail, units_of
from tests.faults.checker.violation import Violation


def last_lines(order: Placed, trail: Trail) -> Iterator[Violation]:
    """Yield what is wrong with the last line of `order`."""
    if len(trail.sales) > 1:
        outcomes = [sale.answer["outcome"] for sale in trail.sales]
        yield Violation("doubled", f"the last line of {order.aggregate_id} was answered: {outcomes}", _names(trail))
    for line in trail.held.keys() - range(1, len(order.lines)):
        yield Violation("unexpected", f"line {line} of {order.aggregate_id} was held", _names(trail))
    yield from _decided_twice(order, trail)
    yield from _left_open(order, trail)
    for sale in trail.sales:
        if is_forestalling(sale.answer):
            yield from _forestalled_otherwise(order, trail, sale)


def _decided_twice(order: Placed, trail: Trail) -> Iterator[Violation]:
    """Yield an order that was decided otherwise, and its last line sold all the same."""
    if trail.answer is not None and trail.answer.answer["outcome"] != "applied" and trail.units_sold_at_once:
        how, units = trail.answer.answer["reason"], trail.units_sold_at_once
        message = f"{order.aggregate_id} is answered {how}, and {units} units of its last line were sold"
        yield Violation("unexpected", message, _names(trail))


def _left_open(order: Placed, trail: Trail) -> Iterator[Violation]:
    """Yield an order that is decided, and whose last line may yet be sold: nothing is recorded that forbids it."""
    is_refused = any(not units_of(answer) for answer in trail.asked.values()) and not order.allows_less
    if trail.answer is not None and not trail.sales and not is_refused:
        message = f"{order.aggregate_id} is decided, and nothing keeps its last line from being sold"
        yield Violation("unexpected", message, _names(trail))


def _forestalled_otherwise(order: Placed, trail: Trail, sale: Recorded) -> Iterator[Violation]:
    """Yield an answer that keeps the last line from being sold, and was not given with the decision, or not like it."""
    decided = trail.answer
    if decided is None:
        message = f"the last line of {order.aggregate_id}, which is not decided, is kept from being sold"
        yield Violation("unexpected", message, _names(trail))
        return
    numbers = (decided.partition, decided.sequence + 1)
    expected = dict.fromkeys(("sku", "location", "quantity", "on_hand", "reserved", "available", "reservation_id"))
    expected |= {name: decided.answer[name] for name in ("order_id", "user", "version", "committed_at")}
    expected |= {"outcome": "rejected", "reason": "order_completed", "numbers": numbers, "row": numbers}
    told = {**sale.answer, "numbers": _numbers(sale.answer), "row": (sale.partition, sale.sequence)}
    wrong = [
        f"{name} is {told.get(name)!r} and should be {value!r}"
        for name, value in expected.items()
        if told.get(name) != value
    ]
    if wrong:
        message = f"what keeps the last line of {order.aggregate_id} from being sold: {'; '.join(wrong)}"
        yield Violation("unexpected", message, (sale.name, *_names(trail)))


def _numbers(answer: Body) -> tuple[int, int]:
    return answer["partition"], answer["sequence"]


def _names(trail: Trail) -> tuple[str, ...]:
    placing = [] if trail.answer is None else [trail.answer.name]
    return (*placing, *(sale.name for sale in trail.sales))
