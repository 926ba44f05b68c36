"""Lost: confirmed, and without effect or answer. Doubled: two effects of one id, or two answers that differ."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.checker.history import History, Receipt
from tests.faults.checker.placed import is_of_order
from tests.faults.checker.purges import Purges
from tests.faults.checker.violation import Violation


def lost(history: History, purges: Purges) -> Iterator[Violation]:
    """Yield what was confirmed and came to no end."""
    answered = {(receipt.queue, receipt.name) for receipt in history.received}
    yield from _unrecorded(history, purges)
    yield from _unanswered(history, purges, answered)
    yield from _unrefused_conflicts(history, purges)
    for sending in history.of("rubbish"):
        is_set_aside = (history.dead_letters, sending.name) in answered
        if sending.outcome == "ok" and not is_set_aside and not purges.may_have_taken(sending):
            yield Violation("lost", f"{sending.name}, which is rubbish, is not among the dead letters", (sending.name,))
    yield from _gaps(history)


def _unrecorded(history: History, purges: Purges) -> Iterator[Violation]:
    for sending in history.of("command", "again"):
        unrecorded = sending.name not in history.recorded and sending.name not in history.undecided
        if sending.outcome == "ok" and unrecorded and not purges.may_have_taken(sending):
            kind = sending.body["type"]
            yield Violation("lost", f"{sending.name}, a {kind} of {sending.sku}, was confirmed", (sending.name,))


def _unanswered(history: History, purges: Purges, answered: set[tuple[str, str | None]]) -> Iterator[Violation]:
    requester = {sending.name: sending.publisher for sending in history.of("command")}
    for name, recorded in history.recorded.items():
        if purges.may_have_taken_answer(recorded):
            continue
        queues = [history.feed]
        private = history.private.get(requester.get(name, ""))
        queues += [private] if private else []
        for queue in queues:
            if (queue, name) not in answered:
                yield Violation("lost", f"{name} is recorded, and no answer has come to {queue}", (name,))


def _unrefused_conflicts(history: History, purges: Purges) -> Iterator[Violation]:
    refused = {
        (receipt.name, receipt.answer.get("quantity"))
        for receipt in history.received
        if receipt.queue == history.feed and receipt.answer.get("reason") == "conflict"
    }
    originals = {sending.name: sending for sending in history.of("command")}
    for sending in history.of("conflict"):
        excused = purges.may_have_diverted(sending) or purges.may_have_diverted(originals[sending.name])
        if sending.outcome == "ok" and (sending.name, sending.body["quantity"]) not in refused and not excused:
            message = f"another body under the id {sending.name} was not refused as a conflict"
            yield Violation("lost", message, (sending.name,))


def _gaps(history: History) -> Iterator[Violation]:
    numbers: dict[int, set[int]] = defaultdict(set)
    for recorded in history.recorded.values():
        numbers[recorded.partition].add(recorded.sequence)
    for row in history.partitions:
        missing = set(range(1, row["sequence"] + 1)) ^ numbers[row["partition"]]
        if missing:
            message = f"partition {row['partition']} has answered {row['sequence']}, without {sorted(missing)[:5]}"
            yield Violation("lost", message)


def doubled(history: History) -> Iterator[Violation]:
    """Yield what happened twice, or was answered in two ways."""
    events = Counter(row["command_id"] for row in history.events if not is_of_order(row["aggregate_id"]))
    audit = Counter((row["command_id"], row["location"]) for row in history.audit)
    for name in {name for name, count in events.items() if count > 1} | {
        name for (name, _), count in audit.items() if count > 1
    }:
        yield Violation("doubled", f"{name} took effect {events[name]} times", (str(name),))
    for (name, what), texts in _answers(history).items():
        recorded = history.recorded.get(name) if what == "" else None
        different = texts if recorded is None else texts | {recorded.text}
        if len(different) > 1:
            yield Violation("doubled", f"{len(different)} different answers to {name}", (name,))


def _answers(history: History) -> dict[tuple[str, str], set[str]]:
    """Return the answers of each command id; of each body that conflicts with it, too."""
    texts: dict[tuple[str, str], set[str]] = defaultdict(set)
    for receipt in history.received:
        if receipt.queue != history.dead_letters and receipt.name is not None:
            texts[receipt.name, _what(receipt)].add(receipt.text)
    return texts


def _what(receipt: Receipt) -> str:
    """Return which of the answers under one id this is: the recorded one is nameless."""
    answer = receipt.answer
    if answer.get("reason") == "conflict":
        return f"conflict of {answer.get('quantity')}"
    return "set aside" if answer.get("outcome") == "dead_lettered" else ""
