"""One lock per aggregate, for as long as somebody holds it or waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class _AggregateLock:
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class AggregateLocks:
    """Orders the tasks of one process on one aggregate, first come first served; aggregates don't wait for each other.

    A lock goes with its last user, so there are as many as there are aggregates in
    use. One whose holder was left over in a loop that has ended is replaced.
    """

    def __init__(self) -> None:
        self._locks: dict[str, _AggregateLock] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, aggregate_id: str) -> AsyncIterator[None]:
        """Hold the lock of `aggregate_id` for the length of the block."""
        held = self._locks.get(aggregate_id)
        if held is None or held.loop is not asyncio.get_running_loop():
            held = self._locks[aggregate_id] = _AggregateLock()
        held.users += 1
        try:
            async with held.lock:
                yield
        finally:
            held.users -= 1
            if not held.users and self._locks.get(aggregate_id) is held:
                del self._locks[aggregate_id]
