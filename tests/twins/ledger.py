"""The ledger of dead letters: the same contract as `worker.ledger.LaneLedger`.

The tests in `tests/worker/ledger` run on both.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tests.twins.database import DatabaseTwin
from tests.twins.faults import Faults
from worker.event_store import Fenced, StoredAnswer, Term
from worker.ledger import (
    Action,
    Filed,
    FilingOutcome,
    Full,
    Hold,
    Known,
    Letter,
    LetterState,
    OpenLetter,
    Verdict,
)


@dataclass(slots=True)
class LetterRow:
    """A row of `dead_letters`."""

    letter: Letter
    state: LetterState
    place: int | None
    attempts: int
    outcome: str | None = None
    outcome_reason: str | None = None
    corrected_body: bytes | None = None


class RequestRow(NamedTuple):
    """A row of `dead_letter_requests`."""

    action: Action
    operator: str = "operator"
    why: str = "because"
    corrected_body: bytes | None = None
    partition: int = 0


@dataclass(slots=True)
class LedgerRows:
    """All rows of the ledger."""

    letters: dict[int, LetterRow] = field(default_factory=dict)
    requests: dict[int, RequestRow] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    next_places: dict[str, int] = field(default_factory=dict)
    attempts: dict[bytes, int] = field(default_factory=dict)
    deeds: list[tuple[str, int]] = field(default_factory=list)
    told: list[str | None] = field(default_factory=list)
    """The messages of the deeds."""
    operators: list[str] = field(default_factory=list)
    """Whose deeds they are."""


class LedgerTwin:
    """Files, tells and settles."""

    def __init__(
        self,
        database: DatabaseTwin,
        rows: LedgerRows | None = None,
        faults: Faults | None = None,
        *,
        parked_per_aggregate_limit: int = 10_000,
        parked_limit: int = 100_000,
        convicts: bool = True,
    ) -> None:
        """Where it does not convict, no message has ever been begun more than once."""
        self._convicts = convicts
        self._database = database
        self._rows = rows or LedgerRows()
        self._faults = faults or Faults()
        self._limits = (parked_per_aggregate_limit, parked_limit)

    async def holds(self, partition: int) -> list[Hold]:
        self._faults.reach("holds")
        return list(self._rows.holds.values()) if partition == 0 else []

    async def file(self, term: Term, letters: Sequence[Letter], now: datetime) -> FilingOutcome:
        assert now.tzinfo is not None
        self._faults.reach("file")
        outcome = self._file(term, letters)
        self._faults.reach("filed")
        return outcome

    def _file(self, term: Term, letters: Sequence[Letter]) -> FilingOutcome:
        self._require_current(term)
        known = [answer for letter in letters if (answer := self._answer(letter)) is not None]
        if known:
            return Known(tuple(known))
        crowded = self._crowded(letters)
        if crowded is not None:
            return crowded
        lines = {name for letter in letters if (name := self._file_one(letter)) is not None}
        unread = {each.command_id for each in letters if each.digest is None and each.reason == "crashed"}
        answered = {name for name in unread if name is not None and self._answered(name)}
        return Filed(tuple(self._rows.holds[name] for name in sorted(lines)), frozenset(answered))

    def _file_one(self, letter: Letter) -> str | None:
        rows, name = self._rows, letter.aggregate_id
        state = letter.state
        if state is LetterState.HELD and name in rows.holds:
            state = LetterState.PARKED
        row = self._open(letter)
        if row is not None and row.state is not LetterState.SET_ASIDE:
            return None
        if row is None:
            row = LetterRow(letter, state, None, 0 if letter.state is LetterState.PARKED else 1)
            rows.letters[len(rows.letters) + 1] = row
        else:
            row.attempts += letter.state is not LetterState.PARKED
            row.state = state
        if row.state is LetterState.SET_ASIDE or name is None:
            return None
        row.place = rows.next_places.get(name, 1)
        rows.next_places[name] = row.place + 1
        letter_id = next(number for number, each in rows.letters.items() if each is row)
        hold = rows.holds.get(name, Hold(name, None, 0))
        parked = row.state is LetterState.PARKED
        rows.holds[name] = replace(hold, head=hold.head if parked else letter_id, parked=hold.parked + parked)
        return name

    def _open(self, letter: Letter) -> LetterRow | None:
        rows = self._rows.letters.values()
        return next((row for row in rows if row.letter.origin == letter.origin and not row.state.closed), None)

    def _answer(self, letter: Letter) -> StoredAnswer | None:
        entry = None if letter.command_id is None else self._database.commands.get(letter.command_id)
        return None if entry is None or letter.digest is None else StoredAnswer(*entry[2])

    def _crowded(self, letters: Sequence[Letter]) -> Full | None:
        coming: dict[str, int] = {}
        for letter in letters:
            if letter.state is LetterState.PARKED and letter.aggregate_id is not None and self._open(letter) is None:
                coming[letter.aggregate_id] = coming.get(letter.aggregate_id, 0) + 1
        parked = {name: hold.parked for name, hold in self._rows.holds.items()}
        for name, count in coming.items():
            if count + parked.get(name, 0) > self._limits[0]:
                return Full(name, self._limits[0])
        if coming and sum(coming.values()) + sum(parked.values()) > self._limits[1]:
            return Full(None, self._limits[1])
        return None

    async def open_letters(self, partition: int, limit: int) -> list[OpenLetter]:
        self._faults.reach("open_letters")
        rows = self._rows
        let_go = {name for name, hold in rows.holds.items() if hold.head is None or hold.head in rows.requests}
        due = [
            (row.letter.aggregate_id or "", row.place or 10**9, number)
            for number, row in rows.letters.items()
            if (number in rows.requests and rows.requests[number].partition == partition)
            or (not row.state.closed and row.place is not None and row.letter.aggregate_id in let_go)
        ]
        return [self._open_letter(number) for _, _, number in sorted(due)[:limit]]

    def _open_letter(self, number: int) -> OpenLetter:
        row = self._rows.letters[number]
        request = self._rows.requests.get(number)
        hold = self._rows.holds.get(row.letter.aggregate_id or "")
        asked = request or hold
        return OpenLetter(
            number,
            row.state,
            row.letter.aggregate_id,
            row.letter.command_id,
            row.place is not None,
            None if hold is None else hold.head,
            None if request is None else request.action,
            None if request is None else request.corrected_body,
            None if asked is None else asked.operator,
            None if asked is None else asked.why,
            row.letter.message,
            self._answered(row.letter.command_id).get("outcome"),
            self._answered(row.letter.command_id).get("reason"),
        )

    def _answered(self, command_id: UUID | None) -> dict[str, str | None]:
        entry = None if command_id is None else self._database.commands.get(command_id)
        answer = None if entry is None else entry[2].answer
        return {} if answer is None else dict(json.loads(answer))

    async def settle(
        self, term: Term, verdicts: Sequence[Verdict], holds: Sequence[Hold], ended: Sequence[str], now: datetime
    ) -> None:
        assert now.tzinfo is not None
        self._faults.reach("settle")
        self._require_current(term)
        for verdict in verdicts:
            self._settle_one(verdict, term.partition)
        self._rows.holds.update({hold.aggregate_id: hold for hold in holds})
        for name in ended:
            del self._rows.holds[name]
        self._faults.reach("settled")

    def _settle_one(self, verdict: Verdict, partition: int) -> None:
        row = self._rows.letters[verdict.letter_id]
        self._rows.requests.pop(verdict.letter_id, None)
        self._rows.deeds.append((verdict.deed, verdict.letter_id))
        self._rows.told.append(verdict.message)
        self._rows.operators.append(verdict.operator)
        if verdict.state is None or (row.place is not None and row.letter.partition != partition):
            return
        row.state, row.outcome, row.outcome_reason = verdict.state, verdict.outcome, verdict.outcome_reason
        row.attempts += verdict.tried
        row.corrected_body = verdict.corrected_body or row.corrected_body
        if verdict.state is LetterState.PARKED:
            name = row.letter.aggregate_id or ""
            row.place = self._rows.next_places[name]
            self._rows.next_places[name] += 1

    async def earlier_attempts(self, partition: int, digests: Sequence[bytes]) -> dict[bytes, int]:
        assert partition == 0
        self._faults.reach("count")
        begun = {digest: self._rows.attempts[digest] for digest in digests if digest in self._rows.attempts}
        return begun if self._convicts else dict.fromkeys(begun, 1)

    async def note_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        assert (partition, len(set(digests))) == (0, len(digests))
        assert now.tzinfo is not None
        self._faults.reach("count")
        for digest in digests:
            self._rows.attempts[digest] = self._rows.attempts.get(digest, 0) + 1

    async def forget_attempts(self, partition: int, digests: Sequence[bytes], now: datetime) -> None:
        assert partition == 0
        assert now.tzinfo is not None
        self._faults.reach("count")
        for digest in digests:
            self._rows.attempts.pop(digest, None)

    def _require_current(self, term: Term) -> None:
        if self._database.partitions[term.partition].epoch != term.epoch:
            raise Fenced(f"partition {term.partition}: epoch {term.epoch} is stale")
