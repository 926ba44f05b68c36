"""Held for ever: what should have ended long ago."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.faults.checker.history import History
from tests.faults.checker.violation import Violation

LATE_SECONDS = 5.0
"""An end may come a second late; the rest is patience with a busy machine."""


def held_for_ever(history: History) -> Iterator[Violation]:
    """Yield reservations that are held past their end, and messages that nobody took."""
    for row in history.reservations:
        if row["status"] != "held" or row["expires_at"] is None:
            continue
        late_seconds = history.ended_at - datetime.fromisoformat(row["expires_at"]).replace(tzinfo=UTC).timestamp()
        if late_seconds > LATE_SECONDS:
            message = f"{row['reservation_id']} of {row['sku']} should have ended {late_seconds:.1f} s ago"
            yield Violation("held_for_ever", message)
    for queue, count in history.waiting.items():
        if count:
            yield Violation("held_for_ever", f"{count} messages wait in {queue}")
