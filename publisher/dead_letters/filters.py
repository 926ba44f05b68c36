"""Which letters are meant."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from publisher.dead_letters.states import OPEN_STATES, LetterState
from publisher.errors import InvalidInput
from schemas.reasons import Reason

ID_LIMIT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class LetterFilter:
    """Letters that fit all that is given, and are open, unless `states` or `letter_ids` say more.

        LetterFilter(reason="failed", sku="85123A")
        LetterFilter(letter_ids=(41, 42))

    `sku` may also be `order:1700`. `user` is whom the command named, or the broker
    had verified. `since` and `until` are about the first time that the letter was
    put aside: at `since` or later, before `until`; they name their offset from UTC.
    `text` stands in the error or in the body, exactly so; every letter that fits the
    rest is read for it. `letter_ids` stand alone. Raises `InvalidInput` for what no
    letter can have.
    """

    reason: str | None = None
    fingerprint: str | None = None
    sku: str | None = None
    type: str | None = None
    user: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    states: tuple[LetterState, ...] | None = None
    letter_ids: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse what would match nothing by mistake."""
        if self.states == ():
            raise InvalidInput("states: must name one")
        if self.reason is not None and self.reason not in set(Reason):
            raise InvalidInput(f"reason: there is no {self.reason!a}")
        for name in ("fingerprint", "sku", "type", "user", "text"):
            value = getattr(self, name)
            if value is not None and not _can_be_stored(value):
                raise InvalidInput(f"{name}: must be a text in UTF-8 without NUL, and not empty (got {value!a})")
        for name in ("since", "until"):
            _check_moment(name, getattr(self, name))
        if self.letter_ids is not None:
            self._check_ids(self.letter_ids)

    def _check_ids(self, letter_ids: tuple[int, ...]) -> None:
        if self.told().keys() != {"letter_ids"}:
            raise InvalidInput("either name the dead letters or say what they are like, not both")
        for letter_id in letter_ids:
            if not 0 < letter_id <= ID_LIMIT:
                raise InvalidInput(f"there is no dead letter {letter_id}")

    @property
    def is_everything(self) -> bool:
        """Whether it leaves out no open letter."""
        narrowing = self.told().keys() - ({"states"} if {*OPEN_STATES} <= {*(self.states or ())} else set())
        return not narrowing

    def told(self) -> dict[str, Any]:
        """Return what is given as JSON-able values, as plans and deeds record it."""
        given: dict[str, Any] = {name: value for name, value in asdict(self).items() if value is not None}
        for name in ("since", "until"):
            if name in given:
                given[name] = given[name].astimezone(UTC).isoformat()
        return given

    def arguments(self) -> tuple[Any, ...]:
        """Return what `sql/matching.sql` takes, from $1 on."""
        states = self.states or (OPEN_STATES if self.letter_ids is None else tuple(LetterState))
        return (
            list(states),
            not set(states) <= set(OPEN_STATES),
            self.reason,
            self.fingerprint,
            self.sku,
            self.type,
            self.user,
            _stored(self.since),
            _stored(self.until),
            self.text,
            None if self.letter_ids is None else list(self.letter_ids),
        )


def _can_be_stored(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text) and "\0" not in text


def _check_moment(name: str, moment: datetime | None) -> None:
    if moment is None:
        return
    if moment.tzinfo is None:
        raise InvalidInput(f"{name}: must name its offset from UTC, such as 2026-01-31T12:00:00Z")
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInput(f"{name}: must lie in the years 1 to 9999 of UTC") from error


def _stored(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)
