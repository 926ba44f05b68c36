"""Many commands under way at once, each with its answer."""

import asyncio
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Self

from publisher.answer_inbox import AnswerInbox
from publisher.bulk_sending import WINDOW_LIMIT_MESSAGES
from publisher.concurrency import cancel_all, run_until_all_end
from publisher.errors import AnswerTimeout, InvalidInput
from schemas.commands import Command
from schemas.results import Result

OUTSTANDING_LIMIT_COMMANDS = 5_000
"""Commands sent and not yet answered. Enough to keep 16 partitions busy; about 10 MB."""

Commands = Iterable[Command] | AsyncIterable[Command]


@dataclass(frozen=True, slots=True)
class Answered:
    """A command of the source and its answer; `position` counts the source from 0."""

    position: int
    command: Command
    result: Result


class AnswerStream:
    """Sends commands in their order and yields each with its answer, as the answers come.

    `async for` over it; it is also an asynchronous context manager, to stop it
    early. At most `outstanding_limit` are under way: with 1, each is sent after
    the answer to the one before. Answers of different SKUs overtake each other.
    When the private queue was lost, what is unanswered is sent again under the
    same ids.

    Raises `AnswerTimeout`, naming the oldest open command, after
    `timeout_seconds` without any answer; `BrokerUnavailable` and `BrokerRefused`
    as `send_many` does.
    """

    def __init__(
        self,
        commands: Commands,
        *,
        inbox: AnswerInbox,
        send: Callable[[AsyncIterator[Command]], Awaitable[int]],
        timeout_seconds: float,
        outstanding_limit: int = OUTSTANDING_LIMIT_COMMANDS,
    ) -> None:
        """Raise `InvalidInput` for a limit below 1."""
        if outstanding_limit < 1:
            raise InvalidInput(f"outstanding_limit: must be at least 1 (got {outstanding_limit})")
        self._limit = outstanding_limit
        # Refilling one by one would write one message at a time, at several times the cost.
        self._refill_at = max(outstanding_limit - 2 * WINDOW_LIMIT_MESSAGES, outstanding_limit // 2)
        self._commands = commands
        self._inbox = inbox
        self._send = send
        self._timeout_seconds = timeout_seconds
        self._under_way_count = 0
        self._room = asyncio.Event()
        self._outstanding: dict[int, Command] = {}
        self._expected: dict[int, asyncio.Future[Result]] = {}
        self._to_send: asyncio.Queue[int | None] = asyncio.Queue()
        self._source_ended = False
        self._answered: deque[Answered] = deque()
        self._changed = asyncio.Event()
        self._last_progress = 0.0
        self._working: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncIterator[Answered]:
        return self

    async def __anext__(self) -> Answered:
        if self._working is None:
            self._working = self._start()
        while not self._answered:
            if self._working.done():
                await self._working
                raise StopAsyncIteration
            await self._wait_for_change()
        self._leave()
        return self._answered.popleft()

    async def close(self) -> None:
        """Stop sending and waiting. What was sent still takes effect; its answers are stored."""
        if self._working is not None:
            await cancel_all([self._working])
        for position, answer in self._expected.items():
            self._inbox.forget(self._outstanding[position], answer)
        self._expected.clear()

    def _start(self) -> asyncio.Task[None]:
        self._note_progress()
        working = asyncio.create_task(run_until_all_end(self._read(), self._transmit()))
        working.add_done_callback(lambda _: self._changed.set())
        return working

    async def _read(self) -> None:
        position = 0
        async for command in _each(self._commands):
            await self._enter()
            if not self._outstanding:
                self._note_progress()
            self._outstanding[position] = command
            self._to_send.put_nowait(position)
            position += 1
        self._source_ended = True
        self._end_when_all_are_answered()

    async def _enter(self) -> None:
        if self._under_way_count >= self._limit:
            self._room.clear()
            await self._room.wait()
        self._under_way_count += 1

    def _leave(self) -> None:
        self._under_way_count -= 1
        if self._under_way_count <= self._refill_at:
            self._room.set()

    async def _transmit(self) -> None:
        await self._send(self._in_order())

    async def _in_order(self) -> AsyncIterator[Command]:
        while (position := await self._to_send.get()) is not None:
            await self._inbox.ready()
            command = self._outstanding[position]
            answer = self._expected[position] = self._inbox.expect(command)
            answer.add_done_callback(partial(self._on_settled, position))
            yield command

    def _on_settled(self, position: int, answer: "asyncio.Future[Result]") -> None:
        if answer.cancelled():
            return
        del self._expected[position]
        if answer.exception() is not None:
            # The queue was lost. Send it again; if there is no getting it back, `ready` says why.
            self._to_send.put_nowait(position)
            return
        self._answered.append(Answered(position, self._outstanding.pop(position), answer.result()))
        self._note_progress()
        self._end_when_all_are_answered()

    def _end_when_all_are_answered(self) -> None:
        if self._source_ended and not self._outstanding:
            self._to_send.put_nowait(None)

    def _note_progress(self) -> None:
        self._last_progress = asyncio.get_running_loop().time()
        self._changed.set()

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        deadline = self._last_progress + self._timeout_seconds if self._outstanding else None
        try:
            async with asyncio.timeout_at(deadline):
                await self._changed.wait()
        except TimeoutError as error:
            oldest = next(iter(self._outstanding.values()))
            raise AnswerTimeout(oldest.command_id, self._timeout_seconds) from error


async def _each(commands: Commands) -> AsyncIterator[Command]:
    if isinstance(commands, AsyncIterable):
        async for command in commands:
            yield command
        return
    for command in commands:
        yield command
