"""Replays as they are planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publisher.dead_letters.left_out import LeftOut
from publisher.dead_letters.states import ENDED_STATES, ItemState, PlanState


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """How many letters of one cause a plan holds."""

    fingerprint: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A replay: whose idea, of which letters, how fast, and how far it is. All times are UTC.

    `filter` is what was asked for; the letters were frozen when the plan was made.
    `note` says why it is paused, or was cancelled. With a `canary`, so many letters go
    first, and the rest only if all of them were applied.
    """

    plan_id: int
    operator: str
    why: str
    filter: Mapping[str, Any]
    groups: tuple[PlannedGroup, ...]
    matched: int
    dry_run: bool
    canary: int | None
    rate_per_second: float | None
    state: PlanState
    note: str | None
    canary_passed: bool
    made_at: datetime
    ended_at: datetime | None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ENDED_STATES

    @property
    def is_at_work(self) -> bool:
        """Whether workers carry it out."""
        return self.state is PlanState.RUNNING


@dataclass(frozen=True, slots=True)
class ItemCount:
    """How many letters of a plan, and of one cause, stand where, with which outcome."""

    fingerprint: str
    reason: str
    state: ItemState
    outcome: str | None
    outcome_reason: str | None
    count: int


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One letter of a plan, and what became of it; of a dry run, what would."""

    ordinal: int
    letter_id: int
    state: ItemState
    outcome: str | None
    outcome_reason: str | None
    message: str | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan that was just made. `plan` is None where no letter could be taken, so that nothing was made."""

    plan: Plan | None
    left_out: tuple[LeftOut, ...] = ()
