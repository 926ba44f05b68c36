"""One handler with its queue, and a task that works while there is something to do.

When the queue is full, nothing waits: of each aggregate whose events find no room
only the versions are noted, and the handler gets the events from the store when it
is through with its queue. Aggregates may overtake each other then; the order within
each stays. Of so many aggregates that even the versions are too many, what comes
is lost to the handler: counted and logged.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, replace

from worker.event_store.counters import Counters
from worker.event_store.errors import UnknownSchemaVersion, UnreadableEvent
from worker.event_store.events import Event
from worker.event_store.history.history import History, HistoryOfPool
from worker.event_store.loops import runs_here
from worker.event_store.retry import RetryPolicy
from worker.event_store.subscriptions.backlog import Backlog, Missed

Handler = Callable[[Event], Awaitable[None]]

HANDLER_QUEUE_LIMIT_EVENTS = 1_000
"""Events that wait in memory for one handler: about 1 KB each, so 1 MB."""

HANDLER_MISSED_LIMIT_AGGREGATES = 100_000
"""Aggregates whose versions are noted for a handler with a full queue: about 0.2 KB each, so 20 MB."""

CATCH_UP_POLICY = RetryPolicy(attempts=1_000_000, first_delay_seconds=0.1, delay_limit_seconds=5.0)
"""How a handler that fell behind asks a database that is away."""

SINGLE_READS_LIMIT_EVENTS = 1_000
"""Events read one by one, where one among them cannot be read, before they are handed over."""

UNREADABLE = (UnreadableEvent, UnknownSchemaVersion)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HandlerLimits:
    """How much may wait for one handler."""

    queue_events: int = HANDLER_QUEUE_LIMIT_EVENTS
    missed_aggregates: int = HANDLER_MISSED_LIMIT_AGGREGATES

    def __post_init__(self) -> None:
        if self.queue_events < 1:
            raise ValueError("handler_queue_limit_events must be 1 or more")
        if self.missed_aggregates < 1:
            raise ValueError("handler_missed_limit_aggregates must be 1 or more")


class Subscription:
    """One handler with its queue."""

    def __init__(self, handler: Handler, histories: HistoryOfPool, counters: Counters, limits: HandlerLimits) -> None:
        self.handler = handler
        self.event_types: frozenset[str] = frozenset()
        self.task: asyncio.Task[None] | None = None
        self._histories = histories
        self._counters = counters
        self._limits = limits
        self._queue: deque[Event] = deque()
        self._backlogs: deque[Backlog] = deque()
        self._is_losing = False

    def offer(self, event: Event) -> None:
        """Queue the event, or note it where there is no room; never wait."""
        # While anything is missed all else is noted too: whoever fell behind first is served first.
        if not self._backlogs and len(self._queue) < self._limits.queue_events:
            self._queue.append(event)
        else:
            self._counters.handler_overflows += 1
            self._note(event)
        self.work()

    def work(self) -> None:
        """See to it that the task runs while there is something to do, in the loop that runs now."""
        if (self._queue or self._backlogs) and not runs_here(self.task):
            self.task = asyncio.create_task(self._work())

    def _note(self, event: Event) -> None:
        if not self._backlogs or self._backlogs[-1].event_types != self.event_types:
            self._backlogs.append(Backlog(self.event_types))
        noted = sum(len(backlog.missed) for backlog in self._backlogs)
        newest = self._backlogs[-1]
        limit_aggregates = self._limits.missed_aggregates - noted + len(newest.missed)
        if newest.note(event.aggregate_id, event.version, limit_aggregates):
            return
        self._counters.handler_losses += 1
        if not self._is_losing:
            self._is_losing = True
            _log.error("handler %r is behind on %d aggregates: it loses events of others", self.handler, noted)

    async def _work(self) -> None:
        """Hand over everything there is, then end: a handler with nothing to do has no task."""
        while self._queue or self._backlogs:
            if self._queue:
                await self._handle(self._queue.popleft())
            else:
                await self._catch_up(self._backlogs[0])
        self._is_losing = False

    async def _catch_up(self, backlog: Backlog) -> None:
        """Hand over some of what was missed of one aggregate; the rest of it queues behind the others."""
        aggregate_id, missed = backlog.oldest()
        events, following_version = await self._read(aggregate_id, missed)
        for event in events:
            missed.next_version = event.version + 1
            if event.event_type in backlog.event_types:
                await self._handle(event)
        missed.next_version = following_version
        backlog.requeue(aggregate_id)
        if not backlog.missed:
            self._backlogs.popleft()

    async def _read(self, aggregate_id: str, missed: Missed) -> tuple[list[Event], int]:
        """Return the next events that were missed, and the version that follows."""
        history = await self._histories.get()
        for delay_seconds in CATCH_UP_POLICY.delays_seconds():
            try:
                events = await anext(history.pages(aggregate_id, missed.next_version - 1, missed.last_version))
            except UNREADABLE:
                return await self._read_singly(history, aggregate_id, missed)
            except Exception:  # noqa: BLE001 - whatever the database says, the events are there and must come
                _log.exception("a handler cannot catch up on %s yet", aggregate_id)
            else:
                return events, events[-1].version + 1
            await asyncio.sleep(delay_seconds)
        raise TimeoutError(f"a handler could not catch up on {aggregate_id}")

    async def _read_singly(self, history: History, aggregate_id: str, missed: Missed) -> tuple[list[Event], int]:
        """Do the same without what cannot be read: that was appended by another program."""
        events: list[Event] = []
        through = min(missed.last_version, missed.next_version + SINGLE_READS_LIMIT_EVENTS - 1)
        for version in range(missed.next_version, through + 1):
            try:
                events += await anext(history.pages(aggregate_id, version - 1, version), [])
            except UNREADABLE as error:
                _log.warning("a handler goes on without an event: %s", error)
        return events, through + 1

    async def _handle(self, event: Event) -> None:
        try:
            # A copy: what one handler does to its event is nobody else's business.
            await self.handler(replace(event, data=deepcopy(event.data)))
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            self._counters.handler_failures += 1
            _log.exception("handler %r failed at %s version %d", self.handler, event.aggregate_id, event.version)


def _is_cancelled() -> bool:
    """Return whether this task is to end, as opposed to something that its handler waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
