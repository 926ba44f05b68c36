"""What the store asks of a pool, and how it tells a write-only one from a real one."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import asyncpg


class Pool(Protocol):
    """An asyncpg pool, or anything that gives connections the same way.

    Every connection has `execute(query, *args)`. One that also has
    `fetch(query, *args)` makes the pool a real one; without it the pool is
    write-only, and the store remembers what it wrote.
    """

    def acquire(self) -> AbstractAsyncContextManager[Any]:
        """Give a connection for the length of a block."""
        ...


async def is_write_only(pool: Pool) -> bool:
    """Return whether nothing can be read through `pool`."""
    if isinstance(pool, asyncpg.Pool):
        return False
    async with pool.acquire() as connection:
        try:
            return not hasattr(connection, "fetch")
        except Exception:  # noqa: BLE001 - one that objects to being asked offers nothing but `execute`
            return True
