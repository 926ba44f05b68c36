"""What a clock has sent a short while ago, so that it does not send it at every tick."""

from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Sent = TypeVar("Sent")


class SentLately(Generic[Name]):
    """Remembers names of what was sent, for as long as they are found again and again.

    What is still found `resend_seconds` after it was sent is sent again: somebody may have emptied the queue.
    """

    def __init__(self, resend_seconds: float) -> None:
        self._resend = timedelta(seconds=resend_seconds)
        self._sent: dict[Name, datetime] = {}

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, name: Name) -> bool:
        return name in self._sent

    def unsent(self, found: dict[Name, Sent], now: datetime) -> list[Sent]:
        """Return those of all that was `found` now that must be sent."""
        # What is not found again has ended: it needs not be remembered.
        self._sent = {name: at for name, at in self._sent.items() if name in found and at > now - self._resend}
        return [sent for name, sent in found.items() if name not in self._sent]

    def note(self, names: Iterable[Name], now: datetime) -> None:
        """Remember that these were sent."""
        self._sent.update(dict.fromkeys(names, now))
