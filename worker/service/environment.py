"""The real clock and the real ids."""

from datetime import UTC, datetime
from uuid import UUID, uuid4


class SystemEnvironment:
    """The time and the ids of the machine."""

    def now(self) -> datetime:
        """Return the time, in UTC and aware of it."""
        return datetime.now(UTC)

    def event_id(self) -> UUID:
        """Return a new UUID4."""
        return uuid4()
