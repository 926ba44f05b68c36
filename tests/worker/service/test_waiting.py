import asyncio
from contextlib import suppress

import pytest

from worker.service.waiting import end


async def test_a_task_that_loses_a_cancellation_is_ended_all_the_same() -> None:
    begun, lost = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        lost.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    await end(task)
    assert lost.is_set()
    assert task.cancelled()


async def test_what_a_task_failed_with_is_raised() -> None:
    async def work() -> None:
        raise LookupError("a bug")

    task = asyncio.create_task(work())
    await asyncio.wait({task})
    with pytest.raises(LookupError, match="a bug"):
        await end(task)


async def test_a_task_that_has_ended_is_left_alone() -> None:
    async def work() -> None:
        return

    task = asyncio.create_task(work())
    await task
    await end(task)
