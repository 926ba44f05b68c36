"""Handlers of events: each has a bounded queue and a task of its own.

A handler gets the events of its types that are appended through this store,
each once, those of one aggregate in version order, after they are durable. How
long it takes matters to nobody else: not to appends, not to other handlers.

When its queue is full, nothing is lost and nothing waits: of each aggregate whose
events find no room only the versions are noted, and the handler gets the events
from the store when it is through with its queue. Aggregates may overtake each
other then; the order within each stays.

What a handler had not got when the process ends it never gets: `drain` first.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from worker.event_store.counters import Counters
from worker.event_store.events import Event
from worker.event_store.history.history import HistoryOfPool
from worker.event_store.retry import RetryPolicy

Handler = Callable[[Event], Awaitable[None]]

HANDLER_QUEUE_LIMIT_EVENTS = 1_000
"""Events that wait in memory for one handler: about 1 KB each, so 1 MB."""

CATCH_UP_POLICY = RetryPolicy(attempts=1_000_000, first_delay_seconds=0.1, delay_limit_seconds=5.0)
"""How a handler that fell behind asks a database that is away."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Missed:
    """The versions of one aggregate that found the queue full."""

    next_version: int
    last_version: int


class Subscription:
    """One handler with its queue."""

    def __init__(self, handler: Handler, histories: HistoryOfPool, counters: Counters, limit_events: int) -> None:
        self.handler = handler
        self.event_types: set[str] = set()
        self.task: asyncio.Task[None] | None = None
        self._histories = histories
        self._counters = counters
        self._limit_events = limit_events
        self._queue: deque[Event] = deque()
        self._missed: dict[str, _Missed] = {}

    def offer(self, event: Event) -> None:
        """Queue the event, or note it where there is no room; never wait."""
        # While anything is missed all else is noted too: whoever fell behind first is served first.
        if not self._missed and len(self._queue) < self._limit_events:
            self._queue.append(event)
        else:
            self._counters.handler_overflows += 1
            first = _Missed(event.version, event.version)
            self._missed.setdefault(event.aggregate_id, first).last_version = event.version
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        """Hand over everything there is, then end: a handler with nothing to do has no task."""
        while self._queue or self._missed:
            if self._queue:
                await self._handle(self._queue.popleft())
            else:
                await self._catch_up(next(iter(self._missed)))

    async def _catch_up(self, aggregate_id: str) -> None:
        """Hand over some of what was missed of one aggregate; the rest of it queues behind the others."""
        missed = self._missed[aggregate_id]
        for event in await self._read(aggregate_id, missed):
            missed.next_version = event.version + 1
            if event.event_type in self.event_types:
                await self._handle(event)
        del self._missed[aggregate_id]
        if missed.next_version <= missed.last_version:
            self._missed[aggregate_id] = missed

    async def _read(self, aggregate_id: str, missed: _Missed) -> list[Event]:
        history = await self._histories.get()
        for delay_seconds in CATCH_UP_POLICY.delays_seconds():
            try:
                pages = history.pages(aggregate_id, missed.next_version - 1, missed.last_version)
                return await anext(pages)
            except Exception:  # noqa: BLE001 - whatever the database says, the events are there and must come
                _log.exception("a handler cannot catch up on %s yet", aggregate_id)
            await asyncio.sleep(delay_seconds)
        raise TimeoutError(f"a handler could not catch up on {aggregate_id}")

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


class Subscriptions:
    """All handlers of one store."""

    def __init__(self, histories: HistoryOfPool, counters: Counters, limit_events: int) -> None:
        if limit_events < 1:
            raise ValueError("limit_events must be 1 or more")
        self._histories = histories
        self._counters = counters
        self._limit_events = limit_events
        self._subscriptions: list[Subscription] = []

    def subscribe(self, event_type: str, handler: Handler) -> None:
        """Hand events of `event_type` to `handler` from now on.

        One handler has one queue however many types it takes: their order stays.
        """
        for subscription in self._subscriptions:
            if subscription.handler == handler:
                break
        else:
            subscription = Subscription(handler, self._histories, self._counters, self._limit_events)
            self._subscriptions.append(subscription)
        subscription.event_types.add(event_type)

    def publish(self, events: Sequence[Event]) -> None:
        """Offer `events` to the handlers of their types."""
        for event in events:
            for subscription in self._subscriptions:
                if event.event_type in subscription.event_types:
                    subscription.offer(event)

    async def drain(self) -> None:
        """Return when every handler is through with every event appended so far, and with those that follow from them.

        A handler may not wait for this: it would wait for itself.
        """
        while running := [task for task in self._tasks() if not task.done()]:
            await asyncio.wait(running)

    def _tasks(self) -> list[asyncio.Task[None]]:
        current = asyncio.current_task()
        tasks = [subscription.task for subscription in self._subscriptions]
        return [task for task in tasks if task is not None and task is not current]
