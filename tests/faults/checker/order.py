"""Reordered: against the order in which one publisher sent the commands of one SKU."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.checker.history import History, Sending
from tests.faults.checker.placed import is_of_order
from tests.faults.checker.purges import Purges
from tests.faults.checker.violation import Violation


def reordered(history: History, purges: Purges) -> Iterator[Violation]:
    """Yield pairs that took effect in another order than they were sent.

    Only what was sent one after the other, each confirmed before the next or written in one go, has an order.
    """
    rows: dict[tuple[str, str], list[Sending]] = defaultdict(list)
    for sending in history.of("command"):
        # A whole order is numbered when it is decided, so its number says nothing about when it came.
        is_about_sku = not is_of_order(sending.sku)
        if is_about_sku and sending.name in history.recorded and not purges.may_have_diverted(sending):
            rows[sending.publisher, sending.sku].append(sending)
    for (_, sku), sendings in rows.items():
        for earlier, later in pairwise(sorted(sendings, key=lambda sending: sending.position)):
            first, second = history.recorded[earlier.name], history.recorded[later.name]
            if first.sequence > second.sequence:
                message = f"{sku}: {later.name} was sent after {earlier.name} and took effect before it"
                yield Violation("reordered", message, (earlier.name, later.name))
