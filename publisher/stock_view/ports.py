"""What the view needs of the world."""

import asyncio
from collections.abc import Collection, Mapping
from time import monotonic
from typing import Protocol

from publisher.stock_view.look import Look
from schemas.results import Result


class StockDatabase(Protocol):
    """Where stock and its progress are read; `publisher.database.StockReader`."""

    async def look(self, skus: Collection[str], shown: Mapping[int, int]) -> Look:
        """Return one snapshot that was taken after this call began, with answers beyond `shown`, by partition.

        Raises `DatabaseUnavailable`.
        """
        ...

    async def close(self) -> None:
        """Give up the connection."""
        ...


class AnswerFeed(Protocol):
    """Where answers come from, as far as they come; `publisher.result_feed.ResultFeed`."""

    async def open(self) -> None:
        """Begin: answers from then on come, unless they are lost on the way."""
        ...

    async def __anext__(self) -> Result:
        """Wait for the next answer. Raises `OrderError`; to ask again then opens it anew."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


class Clock(Protocol):
    """A steady clock, and waiting by it."""

    def now_seconds(self) -> float:
        """Return the time; it never goes back."""
        ...

    async def wait(self, event: asyncio.Event, timeout_seconds: float) -> None:
        """Return when `event` is set, or when the time is over."""
        ...


class SteadyClock:
    """The machine's own."""

    # Not the loop's: uvloop keeps that still while callbacks run, and an age would be too small.
    now_seconds = staticmethod(monotonic)

    async def wait(self, event: asyncio.Event, timeout_seconds: float) -> None:
        """Return when `event` is set, or when the time is over."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await event.wait()
        except TimeoutError:
            return
