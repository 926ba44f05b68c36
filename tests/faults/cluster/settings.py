"""How many of each, and their limits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers share how many partitions."""

    workers: int
    partitions: int


CAMPAIGN = Size(workers=3, partitions=8)
"""Fewer partitions than a shop has: they are declared anew at each restart of the broker."""

PUBLISHERS = ("till-a", "till-b")
HEARTBEAT_SECONDS = 2
"""A hung worker is replaced after one of them to one and a half."""
SHUTDOWN_SECONDS = 5.0
