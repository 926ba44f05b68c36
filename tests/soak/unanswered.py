"""Which commands have no answer yet, and how old the oldest of them is."""

from collections.abc import Iterable


class Unanswered:
    """By command id, the oldest first."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self.sent_count = 0
        self.answered_count = 0

    def __len__(self) -> int:
        return len(self._since)

    def sent(self, names: Iterable[str], now: float) -> None:
        """Take in what leaves now."""
        before = len(self._since)
        self._since.update(dict.fromkeys(names, now))
        self.sent_count += len(self._since) - before

    def answered(self, name: str) -> None:
        """Strike out one; a repeated answer, or one to nobody's command, changes nothing."""
        if self._since.pop(name, None) is not None:
            self.answered_count += 1

    def oldest_seconds(self, now: float) -> float:
        """Return for how long the oldest has waited; 0 where none waits."""
        return now - next(iter(self._since.values()), now)
