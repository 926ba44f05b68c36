"""What the store asks of a pool, and how it tells a write-only one from a real one."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import asyncpg


class Pool(Protocol):
    """An asyncpg pool, or anything that gives connections the same way.

    Every connection has `execute(query, *args)`. One whose `fetch(query, *args)`
    gives rows makes the pool a real one; else the pool is write-only, and the store
    remembers what it wrote.
    """

    def acquire(self) -> AbstractAsyncContextManager[Any]:
        """Give a connection for the length of a block."""
        ...


NO_READING = (AttributeError, NotImplementedError, TypeError)
"""What comes of asking a connection for rows that has none to give: no such method, or one that only looks like it."""


async def is_write_only(pool: Pool) -> bool:
    """Return whether nothing can be read through `pool`. Raises what the pool raises: a database may be away."""
    if isinstance(pool, asyncpg.Pool):
        return False
    async with pool.acquire() as connection:
        try:
            rows = list(await connection.fetch("SELECT 1"))
            return [tuple(row) for row in rows] != [(1,)]
        except NO_READING:
            return True
