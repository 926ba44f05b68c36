"""Held for ever: what should have ended long ago."""

from collections.abc import Iterator

from tests.faults.checker.history import History
from tests.faults.checker.placed import utc
from tests.faults.checker.violation import Violation

LATE_SECONDS = 5.0
"""An end may come a second late; the rest is patience with a busy machine."""


def held_for_ever(history: History) -> Iterator[Violation]:
    """Yield reservations that are held past their end, orders that are undecided past theirs, messages nobody took."""
    for row in history.reservations:
        if row["status"] == "held" and row["expires_at"] is not None:
            yield from _late(history, row["expires_at"], f"{row['reservation_id']} of {row['sku']}")
    for row in history.orders:
        if row["status"] == "pending":
            yield from _late(history, row["deadline"], row["aggregate_id"], str(row["command_id"]))
    for queue, count in history.waiting.items():
        if count:
            yield Violation("held_for_ever", f"{count} messages wait in {queue}")


def _late(history: History, due: str, what: str, *names: str) -> Iterator[Violation]:
    late_seconds = history.ended_at - utc(due).timestamp()
    if late_seconds > LATE_SECONDS:
        yield Violation("held_for_ever", f"{what} should have ended {late_seconds:.1f} s ago", names)
