"""What proves that the knowledge of one partition's SKUs is fresh."""

from collections import deque
from math import inf

PATIENCE_SECONDS = 0.5
"""How long an answer that exists may not be shown. Publishing takes milliseconds, a new owner about a second."""

LATE_SECONDS = 0.02
"""An answer that was there so long ago is read, if the feed has not shown it. On a busy machine half come
within 7 ms, and 99 in 100 within 25."""

BEYOND_LIMIT_ANSWERS = 10_000
"""Answers remembered that came before their turn; after so many, what is missing never comes."""


class PartitionProgress:
    """How far the feed has shown the partition's answers, and as of when these were all.

    Times are seconds of one steady clock. A *generation* is a stretch in which
    the feed has shown every answer: what was read in it and changed by each answer
    since is complete. What is older than that has to be read again.
    """

    __slots__ = ("_beyond", "_epoch", "_looked", "_unproven", "generation", "proven_seconds", "shown")

    def __init__(self) -> None:
        self.proven_seconds = -inf
        """What is complete in this generation is as new as this instant, or newer."""
        self.generation = 0
        self.shown = 0
        """All answers up to this number have been shown."""
        self._epoch = -1
        self._looked = 0
        self._beyond: set[int] = set()
        self._unproven: deque[tuple[float, int]] = deque()
        """Instants, and the number that has to be shown to prove them; the oldest first."""

    def show(self, sequence: int) -> None:
        """Note that the feed has shown the answer of that number, in whatever order, once or more often."""
        if sequence > self.shown and len(self._beyond) < BEYOND_LIMIT_ANSWERS:
            self._beyond.add(sequence)
            self._advance()

    def look(self, epoch: int, sequence: int, begun_seconds: float) -> bool:
        """Note where the partition was at an instant after `begun_seconds`; return whether a generation begins.

        One begins at the first look, with a new epoch, since `rebuild` may have
        corrected stock, when the feed has kept an answer back for too long, and when
        the number has gone back: the database was restored from a backup.
        """
        if sequence < self._looked:
            self._forget_answers()
        restarts = epoch != self._epoch or sequence < self._looked or self._is_overdue(begun_seconds)
        self._looked = sequence
        if restarts:
            self._epoch = epoch
            self._restart(sequence)
        if sequence <= self.shown:
            self.proven_seconds = begun_seconds
        else:
            self._unproven.append((begun_seconds, sequence))
        return restarts

    def is_late(self, now_seconds: float) -> bool:
        """Return whether an answer has not been shown for longer than the feed takes."""
        return self._has_waited(LATE_SECONDS, now_seconds)

    def _is_overdue(self, now_seconds: float) -> bool:
        return self._has_waited(PATIENCE_SECONDS, now_seconds) or len(self._beyond) >= BEYOND_LIMIT_ANSWERS

    def _has_waited(self, seconds: float, now_seconds: float) -> bool:
        return bool(self._unproven) and now_seconds - self._unproven[0][0] >= seconds

    def _forget_answers(self) -> None:
        self.shown = 0
        self._beyond.clear()
        self._unproven.clear()

    def _restart(self, sequence: int) -> None:
        self.generation += 1
        self.shown = max(self.shown, sequence)
        self._beyond = {number for number in self._beyond if number > self.shown}
        self._advance()

    def _advance(self) -> None:
        while self.shown + 1 in self._beyond:
            self.shown += 1
            self._beyond.discard(self.shown)
        while self._unproven and self._unproven[0][1] <= self.shown:
            self.proven_seconds = self._unproven.popleft()[0]
