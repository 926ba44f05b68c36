"""Dead letters as they lie in the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from publisher.dead_letters.states import OPEN_STATES, Action, LetterState

NOT_DONE = "not_done"
"""The deed of a lane that could not do what was asked; `after` has a message that says why."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter without its contents, which are read one by one. All times are UTC.

    `aggregate_id` is the SKU or `order:<its id>`, where it can be known. `attempts`
    is 0 for one that has only waited. `error_begin` are the first 200 characters of
    the error. `outcome` and `outcome_reason` are of the answer that closed it.
    """

    letter_id: int
    partition: int
    state: LetterState
    reason: str
    fingerprint: str
    aggregate_id: str | None
    command_id: UUID | None
    command_type: str | None
    user: str | None
    attempts: int
    first_at: datetime
    last_at: datetime
    closed_at: datetime | None
    outcome: str | None
    outcome_reason: str | None
    error_begin: str

    @property
    def is_open(self) -> bool:
        """Whether something can still become of it."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True)
class Totals:
    """How many letters a filter matches, by state, since when and until when."""

    by_state: Mapping[LetterState, int]
    first_at: datetime | None
    last_at: datetime | None

    @property
    def count(self) -> int:
        """Return how many in all."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of one cause: how many, where they stand, since when, about how many SKUs and orders, and one error."""

    fingerprint: str
    reason: str
    count: int
    by_state: Mapping[LetterState, int]
    first_at: datetime
    last_at: datetime
    aggregate_count: int
    example_id: int
    example_error: str


def totals_of(groups: Sequence[Group]) -> Totals:
    """Return how many letters `groups` are in all."""
    by_state = Counter[LetterState]()
    for group in groups:
        by_state.update(group.by_state)
    return Totals(
        {state: by_state[state] for state in LetterState if by_state[state]},
        min((group.first_at for group in groups), default=None),
        max((group.last_at for group in groups), default=None),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """The line of a letter's SKU or order.

    `head` holds it; None for the moment in which those behind a resolved one are
    decided. `ahead` are the letters before this one, `behind` those after it, and
    `next_behind` the first ten of these.
    """

    head: int | None
    since: datetime
    ahead: int
    behind: int
    next_behind: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What an operator has asked for, and the lane has not done yet."""

    action: Action
    operator: str
    why: str
    plan_id: int | None
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did what, when and why; `before` and `after` are what it changed, as JSON-able values."""

    at: datetime
    operator: str
    why: str
    deed: str
    letter_id: int | None
    plan_id: int | None
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Contents:
    """What a message was made of, as it was received, and the whole error.

    `bundle` is None for what anybody may have sent. What workers tell each other
    about orders comes in bundles: `asked` of a SKU, or `told` to an order.
    """

    error: str
    queue: str
    routing_key: str
    reply_to: str | None
    correlation_id: str | None
    user_id: str | None
    content_type: str | None
    headers: Any
    bundle: str | None
    body: bytes
    corrected_body: bytes | None


@dataclass(frozen=True, slots=True)
class WholeLetter:
    """Everything about one letter. `waiting` is None where its SKU does not wait for it, or it for its SKU."""

    letter: Letter
    contents: Contents
    waiting: Waiting | None
    request: Request | None
    running_plan_id: int | None
    deeds: tuple[Deed, ...]

    @property
    def refusal(self) -> str | None:
        """Why what was asked last was not done; None where it was done, or closed with an answer from before."""
        last = self.deeds[-1] if self.deeds else None
        message: str | None = last.after["message"] if last is not None and last.deed == NOT_DONE else None
        return message
