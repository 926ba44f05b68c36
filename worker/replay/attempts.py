"""Counts how often the letters of a dry run were tried, so that the one that kills its worker is found.

As in a lane, they are noted before and forgotten after, unless the worker dies.
What is found noted was in work then: it is tried alone from there on.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, NamedTuple

from worker.lane.dead_letters.attempt_notes import AttemptNotes, Call
from worker.lane.dead_letters.suspects import portions_by_attempts
from worker.lane.ports import Environment
from worker.ledger import LaneLedger
from worker.replay.lines import Turn

CRASH_LIMIT_ATTEMPTS = 2
"""Once among others, and once alone. A lane is more patient: what it convicts is set aside, and here only not tried."""

DRY_RUNS = -1
"""Stands where a lane's notes have its partition: what is tried here says nothing about messages in queues."""

_ID_BYTES = 8


class Page(NamedTuple):
    """Letters to be decided together."""

    turns: Sequence[Turn]
    convicted: bool
    """Whether it is a single one, which workers have died of."""


class Attempts:
    """Of one dry run: the next one tries everything anew."""

    def __init__(self, plan_id: int, ledger: LaneLedger, environment: Environment) -> None:
        self._plan_id = plan_id
        self._notes = AttemptNotes(DRY_RUNS, ledger, environment, insist=_once, on_left=_leave_noted)

    async def pages(self, turns: Sequence[Turn], limit_letters: int) -> list[Page]:
        """Return how `turns` are to be taken up, in their order. Raises `EventStoreError`."""
        earlier = await self._notes.earlier([self._name(turn) for turn in turns])
        return [
            Page(turns[start : min(start + limit_letters, portion.stop)], portion.attempts >= CRASH_LIMIT_ATTEMPTS)
            for portion in portions_by_attempts(earlier)
            for start in range(portion.start, portion.stop, limit_letters)
        ]

    def attempt(self, page: Page) -> AbstractAsyncContextManager[None]:
        """Count an attempt at these, unless it ends other than by the death of this worker."""
        if page.convicted:
            return nullcontext()  # it stays noted: a death at a later one must not let it be tried again
        return self._notes.attempt([self._name(turn) for turn in page.turns])

    def _name(self, turn: Turn) -> bytes:
        return b"".join(number.to_bytes(_ID_BYTES, "big") for number in (self._plan_id, turn.letter_id))


async def _once(call: Call) -> Any:
    return await call()


def _leave_noted(_error: Exception) -> None:
    """Do nothing: they are tried alone the next time."""
