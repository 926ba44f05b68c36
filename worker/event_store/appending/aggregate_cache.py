"""The aggregates that were used last; the others are loaded again when needed."""

from collections import OrderedDict

from worker.event_store.appending.kept_aggregate import KeptAggregate

AGGREGATE_CACHE_LIMIT = 10_000
"""Aggregates kept in memory: about 0.5 KB each with one item, so 5 MB."""


class AggregateCache:
    """Holds at most `limit_aggregates`; the one unused for longest goes first."""

    def __init__(self, limit_aggregates: int = AGGREGATE_CACHE_LIMIT) -> None:
        if limit_aggregates < 1:
            raise ValueError("limit_aggregates must be 1 or more")
        self._limit_aggregates = limit_aggregates
        self._kept: OrderedDict[str, KeptAggregate] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, aggregate_id: str) -> KeptAggregate | None:
        """Return the aggregate and count it as used, None where it is not kept."""
        kept = self._kept.get(aggregate_id)
        if kept is not None:
            self._kept.move_to_end(aggregate_id)
        return kept

    def put(self, aggregate_id: str, kept: KeptAggregate) -> None:
        """Keep the aggregate as the one used last."""
        self._kept[aggregate_id] = kept
        self._kept.move_to_end(aggregate_id)
        if len(self._kept) > self._limit_aggregates:
            self._kept.popitem(last=False)

    def forget(self, aggregate_id: str) -> None:
        """Drop the aggregate: what is known of it may be wrong."""
        self._kept.pop(aggregate_id, None)
