"""Appends of which nobody knows yet whether they took effect.

Their callers were told so, or cancelled. The aggregate's next use shows how they
ended, and the handlers then get the events of those that took effect.
"""

import asyncio
import logging
from dataclasses import dataclass

from worker.event_store.appending.plan import AppendPlan
from worker.event_store.execution import Statement
from worker.event_store.loops import runs_here

DOUBTS_LIMIT_APPENDS = 1_000
"""Appends in doubt at once: more than a pool has connections to lose; each holds its events."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Doubt:
    plan: AppendPlan
    statement: Statement | None


class Doubts:
    """The plans of those not settled yet. Over the limit the oldest is given up: handlers may miss its events."""

    def __init__(self, limit_appends: int = DOUBTS_LIMIT_APPENDS) -> None:
        self._limit_appends = limit_appends
        self._open: dict[str, _Doubt] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, plan: AppendPlan, statement: Statement | None = None) -> None:
        """Keep `plan` until it is settled; `statement` writes it and may be under way."""
        _log.warning("whether version %d of %s took effect is unknown", plan.first.version, plan.aggregate_id)
        self._open[plan.first.event_id] = _Doubt(plan, statement)
        if len(self._open) > self._limit_appends:
            given_up = self._open.pop(next(iter(self._open))).plan
            _log.error("too many appends in doubt: handlers may miss events of %s", given_up.aggregate_id)

    def of(self, aggregate_id: str) -> list[AppendPlan]:
        """Return those about one aggregate, the oldest first."""
        return [doubt.plan for doubt in self._open.values() if doubt.plan.aggregate_id == aggregate_id]

    def settle(self, plan: AppendPlan) -> bool:
        """Note that its outcome is known; return whether that is news."""
        return self._open.pop(plan.first.event_id, None) is not None

    async def wait_for(self, aggregate_id: str) -> None:
        """Wait for the statements about one aggregate; those that did not take effect are settled then."""
        for plan in self.of(aggregate_id):
            statement = self._open[plan.first.event_id].statement
            if statement is not None and runs_here(statement):
                await asyncio.wait({statement})
            self.settle(plan)
