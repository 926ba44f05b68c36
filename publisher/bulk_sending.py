"""Sending many messages fast and in order, over one channel at a time.

Messages travel in windows: one write, and confirms awaited together. A few
windows are in flight at once, so that the broker always has work. All of them
are written to one channel. When it is lost, every window without its confirms
is written again, oldest first, to the next one, before anything newer: what
arrived twice is recognised by its command id, and the first arrivals keep
their order. Only a broker that refuses a message may have taken those behind it:
a queue of a cluster that has just lost its leader does.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from publisher.backoff import Backoff
from publisher.broker.confirmed_channel import ConfirmedChannel
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.concurrency import cancel_all, run_until_all_end
from publisher.errors import BrokerUnavailable
from publisher.retrying import retry_while_unavailable, retry_within

WINDOW_LIMIT_MESSAGES = 500
"""Messages in one write. Above it the cost of a message no longer falls; 500 small ones take 10 ms to write."""

WINDOWS_IN_FLIGHT_LIMIT = 4
"""Windows that wait for confirms: one is being written, one is under way, two are being confirmed."""

T = TypeVar("T")
Window = Sequence[OutgoingMessage]


@dataclass(slots=True)
class _InFlight:
    window: Window
    publishing: asyncio.Task[None]

    @property
    def confirmed(self) -> bool:
        task = self.publishing
        return task.done() and not task.cancelled() and task.exception() is None


class BulkSender:
    """One run of windows through `sender`.

    `timeout_seconds` is how long the oldest window may stay unconfirmed, with
    all reconnecting; there is no limit on the whole run. `on_confirmed` is told
    the number of messages confirmed so far.
    """

    def __init__(
        self, sender: Sender, *, backoff: Backoff, timeout_seconds: float, on_confirmed: Callable[[int], None] | None
    ) -> None:
        self._sender = sender
        self._backoff = backoff
        self._timeout_seconds = timeout_seconds
        self._on_confirmed = on_confirmed
        self._channel: ConfirmedChannel | None = None
        self._in_flight: deque[_InFlight] = deque()
        self._room = asyncio.Semaphore(WINDOWS_IN_FLIGHT_LIMIT)
        self._written = asyncio.Event()
        self._ended = False
        self.confirmed_count = 0

    async def send(self, windows: AsyncIterator[Window]) -> None:
        """Return when all of `windows` is confirmed.

        Raises `BrokerUnavailable` after the timeout, and `BrokerRefused` at once.
        Windows that were in flight then may have arrived; `confirmed_count` has.
        """
        try:
            await run_until_all_end(self._write(windows), self._settle())
        finally:
            await cancel_all([each.publishing for each in self._in_flight])

    async def _write(self, windows: AsyncIterator[Window]) -> None:
        async for window in windows:
            await self._room.acquire()
            if self._channel is None:
                self._channel = await retry_within(self._sender.channel, self._backoff, self._timeout_seconds)
            self._in_flight.append(self._publish(window))
            self._written.set()
        self._ended = True
        self._written.set()

    def _publish(self, window: Window) -> _InFlight:
        assert self._channel is not None  # noqa: S101
        return _InFlight(window, asyncio.create_task(self._channel.publish(window)))

    async def _settle(self) -> None:
        while self._in_flight or not self._ended:
            if self._in_flight:
                await self._settle_oldest()
            else:
                self._written.clear()
                await self._written.wait()

    async def _settle_oldest(self) -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._confirm_oldest()
        except TimeoutError as error:
            raise BrokerUnavailable(f"the broker confirmed nothing for {self._timeout_seconds:g} s") from error
        self.confirmed_count += len(self._in_flight.popleft().window)
        self._room.release()
        if self._on_confirmed is not None:
            self._on_confirmed(self.confirmed_count)

    async def _confirm_oldest(self) -> None:
        while True:
            try:
                return await self._in_flight[0].publishing
            except BrokerUnavailable:
                self._channel = await retry_while_unavailable(self._sender.channel, self._backoff)
                self._publish_unconfirmed_again()

    def _publish_unconfirmed_again(self) -> None:
        # Without an await, so that no newer window gets between them. Tasks start in the
        # order in which they were made, and the channel writes in the order it was asked.
        for each in self._in_flight:
            if not each.confirmed:
                each.publishing.cancel()
                each.publishing = self._publish(each.window).publishing


def in_windows(items: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[list[T], None]:
    """Yield `items` in lists of up to `WINDOW_LIMIT_MESSAGES`, in order.

    From an asynchronous source, a window is whatever has arrived while the one
    before was being written: nothing waits for a window to fill. Close it where
    it is not read to its end: until then, it reads on from the source.
    """
    return _as_they_arrive(items) if isinstance(items, AsyncIterable) else _in_slices(items)


async def _in_slices(items: Iterable[T]) -> AsyncGenerator[list[T], None]:
    iterator = iter(items)
    while window := list(islice(iterator, WINDOW_LIMIT_MESSAGES)):
        yield window


async def _as_they_arrive(items: AsyncIterable[T]) -> AsyncGenerator[list[T], None]:
    arrived: asyncio.Queue[T] = asyncio.Queue(maxsize=WINDOW_LIMIT_MESSAGES)

    async def feed() -> None:
        async for item in items:
            await arrived.put(item)

    feeding = asyncio.create_task(feed())
    try:
        while window := await _first_and_waiting(arrived, feeding):
            yield window
        await feeding
    finally:
        await cancel_all([feeding])


async def _first_and_waiting(arrived: "asyncio.Queue[T]", feeding: asyncio.Task[None]) -> list[T]:
    """Wait for an item; return it with those that lie behind it. Empty once the source has ended."""
    window: list[T] = []
    if arrived.empty() and not feeding.done():
        getting = asyncio.create_task(arrived.get())
        try:
            await asyncio.wait({getting, feeding}, return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                window.append(getting.result())
        finally:
            await cancel_all([getting])
    while len(window) < WINDOW_LIMIT_MESSAGES and not arrived.empty():
        window.append(arrived.get_nowait())
    return window
