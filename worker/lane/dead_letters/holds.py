"""Which aggregates wait, as the lane knows it within one term."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from worker.lane.decoding import OrderRequest, Request
from worker.lane.orders.line_replies import LineReply
from worker.ledger import Hold


def aggregate_of(item: Request | OrderRequest | LineReply) -> str:
    """Return the SKU, or the order as `order:<its id>`, that `item` is about."""
    return item.aggregate_id if isinstance(item, LineReply) else item.command.aggregate_id


class Holds:
    """Asked for every request, so it costs nothing while nothing waits: it is false then."""

    def __init__(self) -> None:
        self._holds: dict[str, Hold] = {}
        self._failing: set[str] = set()
        self._passing: Collection[int] = ()
        self._spared: set[UUID] = set()

    def __bool__(self) -> bool:
        return bool(self._holds or self._failing)

    def load(self, holds: Iterable[Hold]) -> None:
        """Know these, as they are in the database, and no others. What has failed in this batch stays known."""
        self._holds = {hold.aggregate_id: hold for hold in holds}

    def begin_batch(self) -> None:
        """Forget what failed: it is filed, or is tried again."""
        self._failing.clear()

    def fail(self, aggregate_id: str, command_id: UUID) -> None:
        """Note that a request of this batch failed, so that those behind it wait; its letter is not filed yet."""
        if command_id not in self._spared:
            self._failing.add(aggregate_id)

    def spare(self, command_id: UUID | None) -> None:
        """Let this command hold nothing, whatever becomes of it; it was answered once. None ends that."""
        self._spared = set() if command_id is None else {*self._spared, command_id}

    def spares(self, command_id: UUID | None) -> bool:
        """Return whether this command holds nothing."""
        return command_id in self._spared

    def note(self, holds: Iterable[Hold], ended: Iterable[str] = ()) -> None:
        """Note how these are now, and which are no more."""
        self._holds.update((hold.aggregate_id, hold) for hold in holds)
        for aggregate_id in ended:
            self._holds.pop(aggregate_id, None)

    def get(self, aggregate_id: str | None) -> Hold | None:
        """Return the hold of the aggregate, if it waits."""
        return None if aggregate_id is None else self._holds.get(aggregate_id)

    @contextmanager
    def let_pass(self, letter_ids: Collection[int]) -> Iterator[None]:
        """Let these letters be decided, which are the next in their lines, as long as none of them fails."""
        self._passing = letter_ids
        try:
            yield
        finally:
            self._passing = ()

    def block(self, item: Request | OrderRequest | LineReply) -> bool:
        """Return whether `item` has to wait."""
        aggregate_id = aggregate_of(item)
        if aggregate_id in self._failing:
            return True
        return aggregate_id in self._holds and item.delivery.letter_id not in self._passing
