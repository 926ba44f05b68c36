"""All handlers of one store."""

import asyncio
from collections.abc import Sequence

from worker.event_store.counters import Counters
from worker.event_store.events import Event
from worker.event_store.history.history import HistoryOfPool
from worker.event_store.loops import runs_here
from worker.event_store.subscriptions.subscription import Handler, HandlerLimits, Subscription


class Subscriptions:
    """Offers each event to the handlers of its type."""

    def __init__(self, histories: HistoryOfPool, counters: Counters, limits: HandlerLimits) -> None:
        self._histories = histories
        self._counters = counters
        self._limits = limits
        self._subscriptions: list[Subscription] = []

    def subscribe(self, event_type: str, handler: Handler) -> None:
        """Hand events of `event_type` to `handler` from now on.

        One handler has one queue however many types it takes: their order stays.
        """
        for subscription in self._subscriptions:
            if subscription.handler == handler:
                break
        else:
            subscription = Subscription(handler, self._histories, self._counters, self._limits)
            self._subscriptions.append(subscription)
        subscription.event_types |= {event_type}

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
        for subscription in self._subscriptions:
            subscription.work()  # something may be left over from an earlier loop
        while running := [task for task in self._tasks() if runs_here(task)]:
            await asyncio.wait(running)

    def _tasks(self) -> list[asyncio.Task[None]]:
        current = asyncio.current_task()
        tasks = [subscription.task for subscription in self._subscriptions]
        return [task for task in tasks if task is not None and task is not current]
