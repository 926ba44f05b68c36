"""Events and snapshots as they are stored, and as their users see them. Data and state are JSON."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from worker.event_store.errors import UnreadableEvent
from worker.event_store.events import Event, Snapshot
from worker.event_store.history.upcasting import Upcasters


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """The columns every table of events has."""

    event_id: str
    aggregate_id: str
    event_type: str
    data: str
    timestamp: datetime
    version: int

    def event(self, upcasters: Upcasters) -> Event:
        """Return a new `Event`, in the newest schema version, that nobody else holds."""
        return decoded(
            upcasters, self.event_id, self.aggregate_id, self.event_type, self.data, self.timestamp, self.version
        )


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot, and whether its state is the store's own fold of stock."""

    aggregate_id: str
    state: str
    version: int
    timestamp: datetime
    is_stock: bool

    def snapshot(self) -> Snapshot:
        """Return a new `Snapshot` that nobody else holds."""
        return Snapshot(self.aggregate_id, json.loads(self.state), self.version, naive_utc(self.timestamp))


def decoded(
    upcasters: Upcasters,
    event_id: str,
    aggregate_id: str,
    stored_type: str,
    data: str,
    timestamp: datetime,
    version: int,
) -> Event:
    """Return the event that these columns hold, in the newest schema version. Raises `UnreadableEvent`."""
    try:
        stored_data = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadableEvent(aggregate_id, version, stored_type, error) from error
    event_type, upcast_data = upcasters.upcast(stored_type, stored_data)
    return Event(event_id, aggregate_id, event_type, upcast_data, naive_utc(timestamp), version)


def encoded(value: dict[str, Any]) -> str:
    """Return `value` as JSON. Raises `TypeError` or `ValueError` where JSON cannot hold it."""
    if not isinstance(value, dict):
        raise TypeError(f"a dict is stored, not {type(value).__name__}")
    # Characters as they are: a database that is not in UTF-8 refuses most escapes.
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def now() -> datetime:
    """Return the time as it is stored: naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def naive_utc(moment: datetime) -> datetime:
    """Return `moment` without its zone; tables made by others may have one."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
