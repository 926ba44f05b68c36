"""How far a plan goes now: pure.

A plan asks its letters' lanes to replay them, in order. Three things hold it
back: its canary, the first few of it, must have succeeded before the others
follow; its rate; and, with or without a rate, what is asked for and not done yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

IN_FLIGHT_LIMIT_LETTERS = 1_000
"""Asked for and not done: with two looks a second, more than the lanes of a worker do, and little enough that a plan
that is paused soon stands still."""

BURST_SECONDS = 1.0
"""A plan that was paused, waited for its canary or had no worker does not make up for more than this."""

NAMED_LIMIT_LETTERS = 3
"""How many failures a note names."""

ROUNDING = 1e-9
"""Less than a whole letter by so little is one."""

APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Pace:
    """What its maker wants of a plan."""

    canary: int | None
    canary_passed: bool
    """Whether the canary holds the others back no longer."""
    rate_per_second: float | None


@dataclass(frozen=True, slots=True)
class CanaryItem:
    """One of the first letters of a plan."""

    letter_id: int
    state: str
    outcome: str | None = None
    outcome_reason: str | None = None
    message: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it is done, and was not applied."""
        return self.state == "done" and self.outcome != APPLIED


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a plan has come."""

    planned: int
    """Letters it has not asked about yet; counted up to some number above `IN_FLIGHT_LIMIT_LETTERS` is enough."""
    requested: int
    """Letters asked for and not done."""
    canary: Sequence[CanaryItem] = ()
    """The whole canary; empty where it is passed, or there is none."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for the next `count` letters; it may be 0."""

    count: int
    unused_seconds: float
    """Up to so long before now the rate is used up."""
    canary_passed: bool


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop until somebody has looked; the canary then holds nothing back any more."""

    note: str


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing is left."""


Step = Ask | Pause | Finish


def advance(pace: Pace, progress: Progress, elapsed_seconds: float) -> Step:
    """Return what a running plan does now, `elapsed_seconds` after the moment up to which its rate is used up."""
    if not progress.planned and not progress.requested:
        return Finish()
    failed = [item for item in progress.canary if item.failed]
    if failed and not any(item.state == "requested" for item in progress.canary):
        return Pause(_note(failed, len(progress.canary)))
    waits_for_canary = pace.canary is not None and not pace.canary_passed
    passed = waits_for_canary and all(item.state == "done" for item in progress.canary) and not failed
    allowed = progress.planned
    if waits_for_canary and not passed:
        allowed = 0 if failed else sum(item.state == "planned" for item in progress.canary)
    room = max(0, IN_FLIGHT_LIMIT_LETTERS - progress.requested)
    count, unused_seconds = _within_rate(min(allowed, room), pace.rate_per_second, elapsed_seconds)
    return Ask(count, unused_seconds, pace.canary_passed or passed)


def _within_rate(wanted: int, rate_per_second: float | None, elapsed_seconds: float) -> tuple[int, float]:
    if rate_per_second is None:
        return wanted, 0.0
    one_seconds = 1 / rate_per_second
    usable_seconds = min(elapsed_seconds, max(BURST_SECONDS, one_seconds))
    if elapsed_seconds < 0:
        # Whoever made the plan has a clock that runs ahead; the database's counts from the first letter on.
        usable_seconds = one_seconds
    count = min(wanted, int(usable_seconds * rate_per_second + ROUNDING))
    return count, max(0.0, usable_seconds - count * one_seconds)


def _note(failed: Sequence[CanaryItem], canary: int) -> str:
    named = "; ".join(_told(item) for item in failed[:NAMED_LIMIT_LETTERS])
    others = len(failed) - NAMED_LIMIT_LETTERS
    more = f"; and {others} more" if others > 0 else ""
    return f"{len(failed)} of the first {canary} did not succeed: {named}{more}"


def _told(item: CanaryItem) -> str:
    words = " ".join(word for word in (item.outcome, item.outcome_reason) if word is not None)
    parts = [part for part in (words, item.message) if part]
    return f"letter {item.letter_id}: {', '.join(parts) or 'without an outcome'}"
