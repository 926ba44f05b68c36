"""Running coroutines side by side under one roof."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def run_until_all_end(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run `coroutines` side by side; the first error ends the others and is raised as it is.

    `asyncio.TaskGroup` would wrap it in a group, which no caller of a library expects.
    """
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        await cancel_all(tasks)


def shared_task(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Run `coroutine` for any number of callers, who come and go.

    They do not await it themselves, which would end it for all where one is
    cancelled. Where all have gone, nobody hears of its error.
    """
    task = asyncio.create_task(coroutine)
    task.add_done_callback(lambda ended: None if ended.cancelled() else ended.exception())
    return task


async def cancel_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel `tasks` and wait until they have ended; what they raise on the way is of no use any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
