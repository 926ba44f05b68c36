"""Waiting for whichever comes first, and for one thing before another."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

CANCEL_AGAIN_SECONDS = 0.5


async def first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Return as soon as one of `waits` has ended; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def once(event: asyncio.Event, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do `work` once `event` is set."""
    await event.wait()
    await work()


async def sleep_unless(event: asyncio.Event, delay_seconds: float) -> None:
    """Sleep, but no longer than until `event` is set."""
    await first_of(event.wait(), asyncio.sleep(delay_seconds))


async def end(task: "asyncio.Task[Any]") -> None:
    """Cancel `task` and wait for its end; raise what it failed with, if it did.

    Again and again: a library in between may take a cancellation for its own, and
    `asyncio.wait_for` loses one, before Python 3.12, that comes as it gets its result.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CANCEL_AGAIN_SECONDS)
    if not task.cancelled():
        task.result()
