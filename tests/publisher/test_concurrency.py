import asyncio

from publisher.concurrency import shared_task


async def test_nobody_hears_of_the_error_of_a_shared_task_that_nobody_waits_for() -> None:
    async def fail() -> None:
        raise ValueError

    # `strict_loop` fails the test where the loop is told of it.
    await asyncio.wait({shared_task(fail())})
