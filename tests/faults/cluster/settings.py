"""How many of each, and their limits."""

WORKERS = 3
PUBLISHERS = ("till-a", "till-b")
PARTITIONS = 8
"""Fewer than a shop has: they are declared anew at each restart of the broker."""
HEARTBEAT_SECONDS = 2
"""A hung worker is replaced after two to three of them."""
SHUTDOWN_SECONDS = 5.0
