"""Replays: planned here, carried out by the workers."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import NamedTuple

from publisher.dead_letters import rows
from publisher.dead_letters.asking import ASKING_TIMEOUT_SECONDS, LedgerAsking
from publisher.dead_letters.filters import ID_LIMIT, LetterFilter
from publisher.dead_letters.plans import ItemCount, NewPlan, Plan, PlanItem, PlannedGroup
from publisher.dead_letters.signatures import signed
from publisher.dead_letters.states import PlanState
from publisher.errors import InvalidInput, LedgerRefused, NotInLedger

ITEMS_PER_LOOK = 1_000
DEFAULT_PLANS = 20

CANARY_LIMIT_LETTERS = 1_000_000
RATE_LIMIT_PER_SECOND = 1_000_000.0
"""More than any shop decides: a larger number is a slip of the hand."""


class _Steering(NamedTuple):
    """One way to change the state of a plan."""

    deed: str
    done: str
    from_states: tuple[PlanState, ...]
    to_state: PlanState


_PAUSING = _Steering("paused_plan", "paused", (PlanState.RUNNING,), PlanState.PAUSED)
_RESUMING = _Steering("resumed_plan", "resumed", (PlanState.PAUSED,), PlanState.RUNNING)
_CANCELLING = _Steering("cancelled_plan", "cancelled", (PlanState.RUNNING, PlanState.PAUSED), PlanState.CANCELLED)


class ReplayPlans(LedgerAsking):
    """Makes plans and looks after them. Everything raises `DatabaseUnavailable`.

    Where that is raised while something is asked for, it may have been asked for all
    the same: look before asking again.
    """

    async def plan_replay(
        self,
        letter_filter: LetterFilter,
        *,
        operator: str,
        why: str,
        canary: int | None = None,
        rate_per_second: float | None = None,
        dry_run: bool = False,
    ) -> NewPlan:
        """Plan to replay the letters that match now and are free; workers begin at once.

        Left out are letters that are closed, that something is asked for already,
        that another plan has, and parked ones, which follow the one they wait behind.
        With a `canary`, so many go first, and the rest only if all of those are
        applied. A `dry_run` finds out what would happen, and changes nothing. Where no
        letter is free, nothing is made. Raises `InvalidInput`.
        """
        operator, why = signed(operator, why)
        _check_pace(canary, rate_per_second)
        async with self._asking():
            terms = (operator, why, letter_filter.told(), dry_run, canary, rate_per_second)
            plan_id = (await self._rows("insert_plan", *terms))[0]["plan_id"]
            found = await self._rows(
                "freeze", *letter_filter.arguments(), plan_id, timeout_seconds=ASKING_TIMEOUT_SECONDS
            )
            left_out = await self._left_out(found, letter_filter)
            groups = [
                PlannedGroup(row["fingerprint"], row["reason"], row["count"])
                for row in found
                if row["left_out"] is None
            ]
            if not groups:
                await self._rows("delete_plan", plan_id)
                return NewPlan(None, left_out)
            matched = sum(group.count for group in groups)
            completed = await self._rows("complete_plan", plan_id, matched, [asdict(group) for group in groups])
        return NewPlan(rows.plan(completed[0]), left_out)

    async def plans(self, *, open_only: bool = False, limit: int = DEFAULT_PLANS) -> list[Plan]:
        """Return the newest plans, the newest first; with `open_only`, those that have not ended."""
        return [rows.plan(row) for row in await self._rows("plans", open_only, limit)]

    async def plan(self, plan_id: int) -> Plan:
        """Return the plan as it stands. Raises `NotInLedger`."""
        row = await self._row("plan", plan_id) if 0 < plan_id <= ID_LIMIT else None
        if row is None:
            raise NotInLedger(f"there is no plan {plan_id}")
        return rows.plan(row)

    async def plan_counts(self, plan_id: int) -> list[ItemCount]:
        """Return what became of its letters so far, by cause and outcome, the most frequent first."""
        return [rows.item_count(row) for row in await self._rows("plan_counts", plan_id)]

    async def plan_open_count(self, plan_id: int) -> int:
        """Return how many of its letters are not done."""
        count: int = (await self._rows("plan_open_items", plan_id))[0]["count"]
        return count

    async def plan_items(self, plan_id: int, *, not_applied: bool = False) -> AsyncIterator[PlanItem]:
        """Yield its letters in their order, each with what became of it; or only those `not_applied` in the end."""
        ordinal = 0
        while True:
            found = await self._rows("plan_items", plan_id, ordinal, ITEMS_PER_LOOK, not_applied)
            for row in found:
                yield rows.plan_item(row)
            if len(found) < ITEMS_PER_LOOK:
                return
            ordinal = found[-1]["ordinal"]

    async def pause(self, plan_id: int, *, operator: str, why: str) -> Plan:
        """Let a running plan ask for no more; what it has asked for still happens.

        This and the next two raise `InvalidInput`, `NotInLedger`, and `LedgerRefused`
        where the plan is not in the state for it.
        """
        operator, why = signed(operator, why)
        return await self._steer(_PAUSING, plan_id, f"{operator}: {why}", operator, why)

    async def resume(self, plan_id: int, *, operator: str, why: str) -> Plan:
        """Let a paused plan go on; a canary that has failed holds it back no more."""
        return await self._steer(_RESUMING, plan_id, None, *signed(operator, why))

    async def cancel(self, plan_id: int, *, operator: str, why: str) -> Plan:
        """Give up what a plan has not asked for yet; what it has asked for still happens."""
        operator, why = signed(operator, why)
        return await self._steer(_CANCELLING, plan_id, f"{operator}: {why}", operator, why)

    async def _steer(self, steering: _Steering, plan_id: int, note: str | None, operator: str, why: str) -> Plan:
        await self.plan(plan_id)  # says so where there is none
        row = await self._row(
            "steer_plan",
            *(plan_id, list(steering.from_states), steering.to_state, note, operator, why, steering.deed),
            timeout_seconds=ASKING_TIMEOUT_SECONDS,
        )
        if row is not None:
            return rows.plan(row)
        plan = await self.plan(plan_id)
        needed = " or ".join(steering.from_states)
        raise LedgerRefused(f"plan {plan_id} is {plan.state}: only one that is {needed} can be {steering.done}")


def _check_pace(canary: int | None, rate_per_second: float | None) -> None:
    if canary is not None and not 1 <= canary <= CANARY_LIMIT_LETTERS:
        raise InvalidInput(f"canary: must be from 1 to {CANARY_LIMIT_LETTERS:,} letters (got {canary})")
    # Written so that it also refuses what is no number.
    if rate_per_second is not None and not 0 < rate_per_second <= RATE_LIMIT_PER_SECOND:
        raise InvalidInput(f"rate: must be above 0 and at most {RATE_LIMIT_PER_SECOND:,.0f} (got {rate_per_second})")
