"""Unexpected: an effect, or an answer, that nobody asked for, or not like this."""

from collections.abc import Iterator, Mapping

from tests.faults.checker.history import Body, History, Recorded
from tests.faults.checker.model import Expectation
from tests.faults.checker.placed import LINE_TYPES, OWN_TYPES, PREFIX, Placed, is_forestalling, line_command
from tests.faults.checker.purges import Purges
from tests.faults.checker.violation import Violation


def effective_bodies(history: History, purges: Purges) -> dict[str, Body]:
    """Return what each command id was first used for.

    Where that was purged with its queue, another body may have come first: the one that its answer tells of.
    """
    bodies: dict[str, Body] = {}
    for sending in history.of("command"):
        bodies[sending.name] = sending.body
    purgeable = {sending.name for sending in history.of("command") if purges.may_have_diverted(sending)}
    for sending in history.of("conflict"):
        recorded = history.recorded.get(sending.name)
        if sending.name in purgeable and recorded and recorded.answer["quantity"] == sending.body.get("quantity"):
            bodies[sending.name] = sending.body
    return bodies


def unexpected(
    history: History, bodies: dict[str, Body], orders: Mapping[str, Placed], expected: list[Expectation]
) -> Iterator[Violation]:
    """Yield what nobody asked for; what orders themselves did is judged by `whole_orders`."""
    yield from _unasked(history, bodies, orders)
    yield from _other_answers(expected)
    yield from _strange_receipts(history)


def _unasked(history: History, bodies: dict[str, Body], orders: Mapping[str, Placed]) -> Iterator[Violation]:
    for recorded in history.recorded.values():
        if recorded.name not in bodies and not _is_own(recorded, orders):
            yield Violation("unexpected", f"{recorded.name} is recorded, and nobody sent it", (recorded.name,))
    known = history.recorded.keys() | history.undecided
    for table, rows in (("events", history.events), ("audit_log", history.audit)):
        for row in rows:
            if row["command_id"] not in known:
                message = f"{table} has a row of {row['command_id']}, which is not recorded"
                yield Violation("unexpected", message, (str(row["command_id"]),))


def _is_own(recorded: Recorded, orders: Mapping[str, Placed]) -> bool:
    """Return whether workers send such a command by themselves, or an order that was placed does."""
    kind = recorded.answer["type"]
    if is_forestalling(recorded.answer):
        return f"{PREFIX}{recorded.answer['order_id']}" in orders
    return kind in OWN_TYPES or (kind in LINE_TYPES and line_command(recorded, orders) is not None)


def _other_answers(expected: list[Expectation]) -> Iterator[Violation]:
    for each in expected:
        answer = each.recorded.answer
        wrong = [
            f"{name} is {answer.get(name)!r} and should be {value!r}"
            for name, value in each.answer.items()
            if answer.get(name) != value
        ]
        if wrong:
            name = each.recorded.name
            yield Violation("unexpected", f"the answer to {name}, a {each.body['type']}: {'; '.join(wrong)}", (name,))


def _strange_receipts(history: History) -> Iterator[Violation]:
    known = {sending.name for sending in history.sent} | history.recorded.keys()
    for receipt in history.received:
        if receipt.queue != history.dead_letters and receipt.name is not None and receipt.name not in known:
            yield Violation("unexpected", f"an answer to {receipt.name}, which nobody sent", (receipt.name,))
