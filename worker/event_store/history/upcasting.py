"""Event data evolves: what was stored long ago is read in today's shape.

An event type may carry a schema version, as a suffix in its stored name:
`PriceSet` is version 1, `PriceSet.v2` the next. Each step turns the data of one
version into that of the following one. Events are stored in the newest version
and read in it; stored rows never change.
"""

import re
from collections.abc import Callable
from typing import Any

from worker.event_store.errors import UnknownSchemaVersion
from worker.event_store.stock import CHANGES

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

_STORED_TYPE = re.compile(r"^(?P<event_type>.+)\.v(?P<version>[1-9]\d*)$")


class Upcasters:
    """The steps of every event type that has more than one schema version."""

    def __init__(self) -> None:
        self._steps: dict[str, tuple[Upcast, ...]] = {}

    def register(self, event_type: str, *steps: Upcast) -> None:
        """Say how data of `event_type` becomes current: the first step turns version 1 into version 2, and so on.

        A step gets a dict of its own and returns the new one. Raises
        `ValueError` for the types of stock: the lanes write those, in version 1.
        """
        if event_type in CHANGES:
            raise ValueError(f"{event_type} is written by the lanes too and has one schema version")
        self._steps[event_type] = steps

    def stored_type(self, event_type: str) -> str:
        """Return the name under which a new event is stored: it says the newest version."""
        steps = self._steps.get(event_type)
        return f"{event_type}.v{len(steps) + 1}" if steps else event_type

    def upcast(self, stored_type: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return event type and data in the newest version. Raises `UnknownSchemaVersion`."""
        if not self._steps:
            return stored_type, data
        event_type, version = self._parsed(stored_type)
        steps = self._steps.get(event_type, ())
        if version > len(steps) + 1:
            raise UnknownSchemaVersion(f"{stored_type}: this program reads {event_type} up to version {len(steps) + 1}")
        for step in steps[version - 1 :]:
            data = step(data)
        return event_type, data

    def _parsed(self, stored_type: str) -> tuple[str, int]:
        match = _STORED_TYPE.match(stored_type)
        # A suffix means something only for a type that was registered: "user.v2" may just be a name.
        if match is None or match["event_type"] not in self._steps:
            return stored_type, 1
        return match["event_type"], int(match["version"])
