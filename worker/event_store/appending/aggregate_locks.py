"""One lock per aggregate, for as long as somebody holds it or waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class AggregateLocks:
    """Orders the tasks of one process on one aggregate, first come first served; aggregates don't wait for each other.

    A lock goes with its last user, so there are as many as there are
    aggregates in use, and none is tied to a loop that has ended.
    """

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, aggregate_id: str) -> AsyncIterator[None]:
        """Hold the lock of `aggregate_id` for the length of the block."""
        lock = self._locks.setdefault(aggregate_id, asyncio.Lock())
        self._users[aggregate_id] = self._users.get(aggregate_id, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[aggregate_id] -= 1
            if not self._users[aggregate_id]:
                del self._locks[aggregate_id], self._users[aggregate_id]
