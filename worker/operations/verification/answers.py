"""What one stored answer must say: by its row, by the event of its command, and by the rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from pydantic import ValidationError

from schemas.partitions import partition_of
from schemas.reasons import Reason
from schemas.results import Outcome, Result
from worker import domain
from worker.operations.verification.asked import asked, decided_again
from worker.operations.verification.lines import AnswerLine, EventLine


class UnreadableAnswer(Exception):
    """The stored text is no answer that the worker could have given."""


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """A stored answer, and the command it repeats."""

    result: Result
    asked: domain.Command | None
    """None where the answer does not repeat all of the command."""

    @property
    def asked_for(self) -> str:
        """Return the command in words."""
        return f"{self.result.type} of {self.result.quantity} at {self.result.location}"


def read_answer(line: AnswerLine) -> ReadAnswer:
    """Return what is stored. Raises `UnreadableAnswer`."""
    try:
        # Strictly: a number that has become a text is no longer what was sent.
        result = Result.model_validate_json(line.answer, strict=True)
        repeated = asked(result)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UnreadableAnswer(f"{_place(first['loc'])}{first['msg']}") from error
    if not line.sku:
        raise UnreadableAnswer("a text in it holds an escape that is no character")
    return ReadAnswer(result, repeated)


def unlike_row(line: AnswerLine, result: Result, partition_count: int | None) -> Iterator[str]:
    """Yield where the answer and the columns beside it differ."""
    if result.command_id != line.command_id:
        yield f"names command {result.command_id}"
    if (result.partition, result.sequence) != (line.partition, line.sequence):
        yield (
            f"says partition {result.partition}, number {result.sequence}; "
            f"its row says partition {line.partition}, number {line.sequence}"
        )
    if partition_count is not None and line.partition != (home := partition_of(line.sku, partition_count)):
        yield f"lies in partition {line.partition}, but its SKU belongs to partition {home} of {partition_count}"


def unlike_event(
    answer: ReadAnswer,
    event: EventLine,
    happened: domain.Event | None,
    before: domain.Stock,
    reservation: domain.Reservation | None,
) -> Iterator[str]:
    """Yield where an applied answer and the event of its command differ.

    `before` is the state it was decided on, and `reservation` the one it names, as it was then.
    """
    if answer.asked is not None:
        decision = decided_again(answer.asked, answer.result, before, reservation)
        if isinstance(decision, domain.Refusal):
            yield f"says applied, but the rule refuses it: {decision.message}"
        elif decision != happened:
            yield f"says {answer.asked_for}, but the event is {event.event_type} {event.data}"
    if answer.result.reason is not None:
        yield f"says applied, and yet {answer.result.reason}"
    if answer.result.committed_at != event.timestamp.replace(tzinfo=UTC):
        yield f"says committed at {answer.result.committed_at}, the event was at {event.timestamp}"


def unlike_refusal(answer: ReadAnswer, stock: domain.Stock, reservation: domain.Reservation | None) -> Iterator[str]:
    """Yield what is wrong with a refusal, by deciding it again on the state it was given at; not what was skipped."""
    result = answer.result
    if (result.outcome, result.reason) == (Outcome.REJECTED, Reason.SKIPPED):
        return  # an operator has given it up: there is no rule
    if result.outcome is not Outcome.REJECTED:
        yield f"says {result.outcome}, which is never recorded"
        return
    if answer.asked is None:
        return
    decision = decided_again(answer.asked, result, stock, reservation)
    if not isinstance(decision, domain.Refusal):
        yield f"says {result.reason}, but the rule allows {answer.asked_for}"
    elif result.reason is None or result.reason.value != decision.reason.value:
        yield f"says {result.reason}, but the rule says {decision.reason}"


def unlike_levels(result: Result, stock: domain.Stock) -> Iterator[str]:
    """Yield where the levels in the answer are not those of the state it was given at."""
    level = stock.at(result.location or "")
    told = (result.on_hand, result.reserved, result.available)
    folded = (level.on_hand, level.reserved, level.available)
    if told != folded:
        yield f"says {_levels(told)}, the events make {_levels(folded)}"


def _place(location: tuple[int | str, ...]) -> str:
    return f"{location[-1]}: " if location else ""


def _levels(levels: tuple[int | None, int | None, int | None]) -> str:
    return "{} on hand, {} reserved, {} available".format(*levels)
