"""What the store counts, for whatever metrics its user has."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Plain totals since the store was made; read them when the metrics are asked for, or share one between stores."""

    appended_events: int = 0
    conflicts: int = 0
    """Appends that found their version taken."""
    retries: int = 0
    """Decisions taken again after a conflict."""
    appends_in_doubt: int = 0
    """Appends of which it was not known, when their caller went on, whether they took effect."""
    handler_failures: int = 0
    """Events at which a handler raised."""
    handler_overflows: int = 0
    """Events that found a handler's queue full; the handler reads them from the store later."""
    handler_losses: int = 0
    """Events that a handler will not get, because it was behind on too many aggregates already."""
    snapshots: int = 0
    snapshot_failures: int = 0
