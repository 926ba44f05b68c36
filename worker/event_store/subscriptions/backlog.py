"""What a handler missed while its queue was full: versions only, so that it can read the events later."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Missed:
    """Versions of one aggregate."""

    next_version: int
    last_version: int


@dataclass(slots=True)
class Backlog:
    """What was missed, by aggregate, while the handler took `event_types`.

    The versions in between that are of other types are not the handler's: when it
    subscribes to one more type, that begins a new backlog.
    """

    event_types: frozenset[str]
    missed: dict[str, Missed] = field(default_factory=dict)

    def note(self, aggregate_id: str, version: int, limit_aggregates: int) -> bool:
        """Note a version, the aggregate's newest; return False where that would be one aggregate too many."""
        missed = self.missed.get(aggregate_id)
        if missed is not None:
            missed.last_version = version
        elif len(self.missed) < limit_aggregates:
            self.missed[aggregate_id] = Missed(version, version)
        else:
            return False
        return True

    def oldest(self) -> tuple[str, Missed]:
        """Return the aggregate that has waited for longest."""
        return next(iter(self.missed.items()))

    def requeue(self, aggregate_id: str) -> None:
        """Forget the aggregate if it is through, else put it behind the others."""
        missed = self.missed.pop(aggregate_id)
        if missed.next_version <= missed.last_version:
            self.missed[aggregate_id] = missed
