"""What a lane told of itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from worker.event_store import Term
from worker.lane.ports import AnswerKind


class ObserverTwin:
    """Keeps everything it is told."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.commits: list[int] = []
        self.conflicts: list[str] = []
        self.retries: list[str] = []
        self.isolations: list[int] = []
        self.failures: list[UUID | None] = []
        self.answers: Counter[AnswerKind] = Counter()
        self.ages_seconds: list[float] = []
        self.waiting: list[datetime | None] = []

    def claimed(self, term: Term) -> None:
        self.terms.append(term)

    def committed(self, command_count: int, elapsed_seconds: float) -> None:
        assert elapsed_seconds >= 0
        self.commits.append(command_count)

    def conflicted(self, kind: str, error: Exception) -> None:
        assert str(error)
        self.conflicts.append(kind)

    def retried(self, what: str, error: Exception) -> None:
        assert error is not None
        self.retries.append(what)

    def isolated(self, command_count: int, error: Exception) -> None:
        assert error is not None
        self.isolations.append(command_count)

    def failed(self, command_id: UUID | None, error: Exception) -> None:
        assert error is not None
        self.failures.append(command_id)

    def answered(self, counts: Mapping[AnswerKind, int], ages_seconds: Sequence[float]) -> None:
        self.answers.update(counts)
        self.ages_seconds.extend(ages_seconds)

    def waiting_since(self, oldest: datetime | None) -> None:
        self.waiting.append(oldest)
