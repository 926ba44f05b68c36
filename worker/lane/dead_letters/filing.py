"""Files the letters of a batch, before anything of it is published or acknowledged."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from schemas.reasons import Reason
from worker.event_store import StoredAnswer, Term
from worker.lane.answers import answered_before
from worker.lane.dead_letters.holds import Holds
from worker.lane.dead_letters.letters import letter_about
from worker.lane.decoding import OrderRequest, Request, Unprocessable
from worker.lane.endings import Ending
from worker.lane.ports import Assignment, Ports
from worker.ledger import Filed, Full, Letter, LetterState
from worker.ledger.portions import portions_by_size

_ANSWERED_AS_STORED = (Reason.HELD, Reason.CRASHED)
"""Of what was not even begun, or may have been committed by the worker that died of it. What failed may have done so
because the stored answer cannot be read."""


class NoRoom(Exception):
    """Too many commands are parked: the lane waits until some of them are let go."""


class AnsweredBefore(Exception):
    """What failed has an answer, which another owner has given meanwhile, or which cannot be read: it holds nothing."""

    def __init__(self, command_id: UUID) -> None:
        super().__init__(f"command {command_id} failed, and has an answer")
        self.command_id = command_id


class Filing:
    """Files for one lane."""

    def __init__(self, assignment: Assignment, ports: Ports, holds: Holds, hold_reasons: Collection[Reason]) -> None:
        """For `hold_reasons`, the aggregate waits; for others it goes on."""
        self._assignment = assignment
        self._ledger = ports.ledger
        self._environment = ports.environment
        self._holds = holds
        self._hold_reasons = hold_reasons

    async def file(self, term: Term, endings: Sequence[Ending]) -> list[Ending]:
        """File a letter about everything in `endings` that was not processed; return the endings as they are then.

        A command that is parked, or that workers died of, has its stored answer there if
        it has one. Raises `NoRoom`, `AnsweredBefore`, and what the ledger raises; what was
        filed before is known again then.
        """
        filed: list[Ending] = []
        for portion in portions_by_size(endings, _size_bytes):
            filed += await self._file(term, portion)
        return filed

    async def _file(self, term: Term, endings: Sequence[Ending]) -> list[Ending]:
        while True:
            outcome = await self._ledger.file(term, self._letters(endings), self._environment.now())
            if isinstance(outcome, Full):
                raise NoRoom(_crowded(outcome))
            if isinstance(outcome, Filed):
                self._holds.note(outcome.holds)
                return [_silenced(ending, outcome.answered) for ending in endings]
            endings = _with_known(endings, {answer.command_id: answer for answer in outcome.answers})
            if not any(isinstance(ending, Unprocessable) for ending in endings):
                return list(endings)

    def _letters(self, endings: Sequence[Ending]) -> list[Letter]:
        letters: dict[bytes, Letter] = {}
        for ending in endings:
            if isinstance(ending, Unprocessable):
                letter = letter_about(ending, self._assignment, holds=ending.reason in self._hold_reasons)
                if self._holds.spares(ending.command_id):
                    letter = letter._replace(state=LetterState.SET_ASIDE, digest=None)
                letters.setdefault(letter.origin, letter)
        return list(letters.values())


def _size_bytes(ending: Ending) -> int:
    return len(ending.delivery.body) if isinstance(ending, Unprocessable) else 0


def _with_known(endings: Sequence[Ending], known: dict[UUID, StoredAnswer]) -> list[Ending]:
    return [_known(ending, known) if isinstance(ending, Unprocessable) else ending for ending in endings]


def _known(ending: Unprocessable, known: dict[UUID, StoredAnswer]) -> Ending:
    request = ending.item
    if not isinstance(request, Request | OrderRequest):
        return ending
    stored = known.get(request.command.command_id)
    if stored is None or stored.answer is None:
        return ending
    if ending.reason not in _ANSWERED_AS_STORED:
        raise AnsweredBefore(stored.command_id)
    return answered_before(request, stored)


def _silenced(ending: Ending, answered: Collection[UUID]) -> Ending:
    if isinstance(ending, Unprocessable) and ending.item is None and ending.command_id in answered:
        return replace(ending, answered=True)
    return ending


def _crowded(full: Full) -> str:
    whose = "in all" if full.aggregate_id is None else f"behind the letter that holds {full.aggregate_id!r}"
    return (
        f"{full.limit} commands are parked {whose}, which is the limit; "
        "the partition waits until letters are replayed, edited or skipped"
    )
