"""What a stock view has done so far."""

from dataclasses import dataclass


@dataclass(slots=True)
class StockViewCounters:
    """Counts since the view was made. `StockView.counters` gives a copy, which does not change any more."""

    hits: int = 0
    """Readings from memory."""
    misses_unknown: int = 0
    """Readings that had to ask the database since the SKU was not in memory."""
    misses_behind: int = 0
    """... since the feed had told of a newer version without telling all before it."""
    misses_unproven: int = 0
    """... since nothing showed that memory was fresh: the feed, its owner or the database was silent."""
    misses_expired: int = 0
    """... since the entry was older than its lifetime."""
    misses_version: int = 0
    """... since the reader wanted a newer version than the one in memory."""
    stale_readings: int = 0
    """Readings of what was known last, given to readers that asked for that."""
    looks: int = 0
    """Queries that succeeded, those that only asked how far the partitions are included."""
    failed_looks: int = 0
    """Queries that failed."""
    looked_up_skus: int = 0
    """SKUs that queries were asked for; divided by the misses it says how many shared one."""
    answers: int = 0
    """Answers that the feed has shown."""
    late_answers: int = 0
    """Answers that were read from the database, since the feed was late with them, or never showed them."""
    restarts: int = 0
    """How often all SKUs of a partition had to be read again: a new owner, or answers that did not come."""
    evictions: int = 0
    """SKUs dropped for want of room."""

    @property
    def misses(self) -> int:
        """Readings that had to ask the database, for whatever reason."""
        return (
            self.misses_unknown + self.misses_behind + self.misses_unproven + self.misses_expired + self.misses_version
        )

    @property
    def hit_ratio(self) -> float:
        """Readings from memory, of all that were not stale; 1 while there are none."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0
