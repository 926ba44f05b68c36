"""A clock and ids that repeat."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


class EnvironmentTwin:
    """Time goes on by a millisecond whenever somebody looks; ids count up."""

    def __init__(self) -> None:
        self._looks = 0
        self._ids = 0
        self._passed = timedelta()

    def pass_time(self, duration: timedelta) -> None:
        self._passed += duration

    def now(self) -> datetime:
        self._looks += 1
        return START + self._passed + self._looks * TICK

    def event_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)
