"""A clock that can be set."""

from datetime import datetime, timedelta
from uuid import UUID

from worker.lane.ports import Environment


class SteppedEnvironment:
    """The real environment, with a clock that is wrong by `offset_seconds`."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.offset_seconds = 0.0

    def now(self) -> datetime:
        return self._environment.now() + timedelta(seconds=self.offset_seconds)

    def event_id(self) -> UUID:
        return self._environment.event_id()
