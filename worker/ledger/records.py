"""The values that go into the ledger and come out of it.

Texts of messages may be anything a sender thought of; see `storable`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from worker.event_store import StoredAnswer


class LetterState(StrEnum):
    """What a letter does to others, or how it was closed."""

    SET_ASIDE = "set_aside"
    """It harms nobody."""
    HELD = "held"
    """It failed, and its aggregate waits for what becomes of it."""
    PARKED = "parked"
    """It waits behind a held one."""
    REPLAYED = "replayed"
    EDITED = "edited"
    SKIPPED = "skipped"

    @property
    def closed(self) -> bool:
        """Whether nothing more will become of it."""
        return self in {LetterState.REPLAYED, LetterState.EDITED, LetterState.SKIPPED}


class Action(StrEnum):
    """What an operator can ask for."""

    REPLAY = "replay"
    SKIP = "skip"
    EDIT = "edit"


class LetterMessage(NamedTuple):
    """The message as it was received; `headers` is JSON."""

    body: bytes
    queue: str
    routing_key: str
    reply_to: str | None
    correlation_id: str | None
    user_id: str | None
    content_type: str | None
    headers: str
    bundle: str | None = None
    """Which kind of bundle of a worker's it came in; None for what anybody may have sent."""


class Letter(NamedTuple):
    """A letter to be filed: `state` is one of those that are open."""

    origin: bytes
    """By this the same message is known again."""
    partition: int
    state: LetterState
    reason: str
    error: str
    fingerprint: str
    aggregate_id: str | None
    command_id: UUID | None
    command_type: str | None
    user: str | None
    digest: bytes | None
    """Of the command, where it is a valid one: nothing is filed that was answered meanwhile."""
    message: LetterMessage


@dataclass(frozen=True, slots=True)
class Hold:
    """An aggregate that waits: new commands about it are parked."""

    aggregate_id: str
    head: int | None
    """The letter that holds it; None while those parked behind it are decided."""
    parked: int
    operator: str | None = None
    why: str | None = None
    """Who let it go, and why."""


@dataclass(frozen=True, slots=True)
class Filed:
    """The letters are durable. These are the holds they belong to, as they stand now."""

    holds: tuple[Hold, ...]
    answered: frozenset[UUID] = frozenset()
    """Commands of letters that crashed unread, which have an answer all the same."""


@dataclass(frozen=True, slots=True)
class Full:
    """Nothing was filed: there is no room for more parked commands. `aggregate_id` is None where that is in all."""

    aggregate_id: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Known:
    """Nothing was filed: these commands were answered meanwhile."""

    answers: tuple[StoredAnswer, ...]


FilingOutcome = Filed | Full | Known


class OpenLetter(NamedTuple):
    """A letter that is to be decided now: asked for, or next in a line that was let go."""

    letter_id: int
    state: LetterState
    aggregate_id: str | None
    command_id: UUID | None
    in_line: bool
    head: int | None
    """The letter that holds its aggregate."""
    action: Action | None
    """What was asked; None for those that only follow."""
    corrected_body: bytes | None
    operator: str | None
    why: str | None
    message: LetterMessage
    answered: str | None = None
    """The outcome of the answer that its command has."""
    answered_reason: str | None = None
    """The reason in that answer."""


class Verdict(NamedTuple):
    """What became of a letter. The request for it, if there is one, is done with."""

    letter_id: int
    deed: str
    operator: str
    why: str
    state: LetterState | None
    """The new one; None where nothing changes."""
    tried: bool = False
    outcome: str | None = None
    outcome_reason: str | None = None
    message: str | None = None
    """For whoever looks at the plan."""
    reason: str | None = None
    error: str | None = None
    fingerprint: str | None = None
    corrected_body: bytes | None = None


def storable(text: str) -> str:
    """Return `text` with what no text column holds written as an escape: NUL, and halves of surrogate pairs."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")
