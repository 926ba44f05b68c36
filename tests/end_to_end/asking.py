"""Questions that are asked to their end, also by who stops waiting for the answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(asking: Coroutine[Any, Any, T]) -> T:
    """Return what `asking` returns; let it end where the caller is cancelled.

    A query that is cut off leaves an error behind that nobody takes.
    """
    task = asyncio.create_task(asking)
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait({task})
