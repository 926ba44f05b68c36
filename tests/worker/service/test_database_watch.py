"""A database counts as away after so many looks at a question that it does not answer."""

import asyncio

import pytest

from worker.service.database_watch import AWAY_LOOKS, DatabaseWatch


async def answer() -> int:
    return 5


async def fail() -> int:
    raise OSError("away")


def looks(watch: DatabaseWatch) -> list[bool]:
    return [watch.look() for _ in range(AWAY_LOOKS)]


async def test_what_is_not_asked_is_not_away() -> None:
    assert not any(looks(DatabaseWatch()))


async def test_what_answers_is_not_away() -> None:
    watch = DatabaseWatch()
    assert await watch.watched(answer)() == 5
    assert not any(looks(watch))


async def test_what_fails_is_away_at_the_last_look_and_back_with_the_first_answer() -> None:
    watch = DatabaseWatch()
    with pytest.raises(OSError, match="away"):
        await watch.watched(fail)()
    assert looks(watch) == [False] * (AWAY_LOOKS - 1) + [True]
    await watch.watched(answer)()
    assert not watch.look()


async def test_what_never_answers_is_away() -> None:
    watch = DatabaseWatch()
    asking = asyncio.ensure_future(watch.watched(asyncio.Event().wait)())
    await asyncio.wait({asking}, timeout=0)
    assert looks(watch)[-1]
    asking.cancel()
