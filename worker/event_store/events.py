"""What the library gives its users: events and snapshots, as plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass
class Event:
    """A fact about one aggregate.

    `event_id` is a UUID as text, `timestamp` naive UTC. `version` counts the
    aggregate's events from 1 without a gap.
    """

    event_id: str
    aggregate_id: str
    event_type: str
    data: dict[str, Any]
    timestamp: datetime
    version: int


@dataclass
class Snapshot:
    """The state of one aggregate after exactly its events 1 to `version`; `timestamp` is naive UTC."""

    aggregate_id: str
    state: dict[str, Any]
    version: int
    timestamp: datetime
