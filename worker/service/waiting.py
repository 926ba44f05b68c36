"""Waiting for whichever comes first."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


async def first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Return as soon as one of `waits` has ended; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def sleep_unless(event: asyncio.Event, delay_seconds: float) -> None:
    """Sleep, but no longer than until `event` is set."""
    await first_of(event.wait(), asyncio.sleep(delay_seconds))


async def end(task: "asyncio.Task[None]") -> None:
    """Cancel `task` and wait for its end; raise what it failed with, if it did."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
