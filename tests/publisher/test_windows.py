import asyncio
from collections.abc import AsyncIterator

import pytest

from publisher.bulk_sending import WINDOW_LIMIT_MESSAGES, in_windows

LIMIT = WINDOW_LIMIT_MESSAGES


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(0, []), (1, [1]), (LIMIT, [LIMIT]), (LIMIT + 1, [LIMIT, 1]), (3 * LIMIT, [LIMIT, LIMIT, LIMIT])],
)
async def test_an_iterable_is_cut_into_full_windows(count: int, sizes: list[int]) -> None:
    windows = [window async for window in in_windows(range(count))]
    assert [len(window) for window in windows] == sizes
    assert [item for window in windows for item in window] == list(range(count))


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


async def test_an_asynchronous_source_keeps_its_order_and_its_window_their_limit() -> None:
    windows = [window async for window in in_windows(numbers(3 * LIMIT))]
    assert [item for window in windows for item in window] == list(range(3 * LIMIT))
    assert max(len(window) for window in windows) <= LIMIT


async def test_a_slow_source_waits_for_no_window_to_fill() -> None:
    asked_again = asyncio.Event()

    async def slow() -> AsyncIterator[int]:
        yield 1
        asked_again.set()
        await asyncio.Event().wait()

    windows = in_windows(slow())
    assert await anext(windows) == [1]
    await asked_again.wait()
    await windows.aclose()


async def test_an_error_of_the_source_is_raised_after_what_came_before_it() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 1
        raise ValueError("the source failed")

    windows = in_windows(failing())
    assert await anext(windows) == [1]
    with pytest.raises(ValueError, match="the source failed"):
        await anext(windows)


async def test_an_endless_source_is_not_read_ahead_of_what_is_taken() -> None:
    read: list[int] = []

    async def counting() -> AsyncIterator[int]:
        number = 0
        while True:
            read.append(number)
            yield number
            number += 1

    windows = in_windows(counting())
    await anext(windows)
    await anext(windows)
    assert len(read) <= 4 * LIMIT
    await windows.aclose()
