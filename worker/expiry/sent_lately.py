"""What a clock has sent a short while ago, so that it does not send it at every tick."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

Sent = TypeVar("Sent")


class SentLately:
    """Remembers ids of commands, for as long as they are found again and again.

    What is still found `resend_seconds` after it was sent is sent again: somebody may have emptied the queue.
    """

    def __init__(self, resend_seconds: float) -> None:
        self._resend = timedelta(seconds=resend_seconds)
        self._sent: dict[UUID, datetime] = {}

    def __len__(self) -> int:
        return len(self._sent)

    def __contains__(self, command_id: UUID) -> bool:
        return command_id in self._sent

    def unsent(self, found: dict[UUID, Sent], now: datetime) -> list[Sent]:
        """Return those of all that was `found` now that must be sent."""
        # What is not found again has ended: it needs not be remembered.
        self._sent = {name: at for name, at in self._sent.items() if name in found and at > now - self._resend}
        return [command for name, command in found.items() if name not in self._sent]

    def note(self, ids: Iterable[UUID], now: datetime) -> None:
        """Remember that these were sent."""
        self._sent.update(dict.fromkeys(ids, now))
