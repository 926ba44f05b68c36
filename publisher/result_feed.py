"""Every result, as it comes: an iterator over the exchange `orders.replies`."""

import logging
from collections import deque
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from publisher.backoff import Backoff
from publisher.broker.consumer import Consumer, Subscription
from publisher.broker.delivery_tap import Delivered
from publisher.errors import BrokerUnavailable, ClientClosed
from publisher.repeat_window import RepeatWindow
from publisher.retrying import retry_while_unavailable
from schemas.explanations import explain
from schemas.results import Result, parse_result

ACKNOWLEDGE_EVERY_RESULTS = 100
"""How many handled results may wait for one acknowledgement while more are at hand."""

_logger = logging.getLogger(__name__)


class ResultFeed:
    """The results whose routing key matches `pattern`, each once.

    `async for` over it, best inside `async with`, which opens it: results from
    then on are seen, and the first connection's failure is raised. After that
    it reconnects by itself, for ever, until it is closed: who reads then, or
    still waits, gets `ClientClosed`.

    With `queue`, a durable queue of that name keeps the results while nobody
    reads; one is acknowledged only after the reader asked for a next one, so a
    reader that dies in the middle gets it again (with up to 100 before it).
    Without, the queue is private: what is published while the connection is
    away is missed.

    Repeats among the last 65,536 results are dropped. A message that is not a
    result is logged with its routing key, acknowledged and skipped.
    """

    def __init__(self, url: str, subscription: Subscription, *, name: str, heartbeat_seconds: int) -> None:
        self._url = url
        self._subscription = subscription
        self._name = name
        self._heartbeat_seconds = heartbeat_seconds
        self._backoff = Backoff()
        self._repeats = RepeatWindow()
        self._consumer: Consumer | None = None
        self._was_open = False
        self._closed = False
        self._taken: deque[Delivered] = deque()
        self._handled: list[Delivered] = []

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Result:
        while True:
            delivery = await self._next_delivery()
            if self._repeats.is_repeat(delivery.body):
                continue
            result = _parsed(delivery)
            if result is not None:
                return result

    async def open(self) -> None:
        """Connect and bind the queue, unless that is done.

        Raises `BrokerUnavailable`; `Unroutable` when the exchange does not exist
        yet; `BrokerRefused` when the queue exists with other properties; and
        `ClientClosed` after `close`.
        """
        if self._consumer is None:
            self._consumer = await self._opened()
            self._was_open = True

    async def acknowledge(self) -> None:
        """Say that everything handed out is finished; asking for a next result says so, too.

        For a reader that stops: what is not acknowledged goes back to a durable queue.
        """
        if self._consumer is not None and self._handled:
            await self._consumer.acknowledge(self._handled[-1])
            self._handled.clear()

    async def close(self) -> None:
        """Close the connection for good. What was not acknowledged goes back to a durable queue."""
        self._closed = True
        await self._drop()

    async def _drop(self) -> None:
        self._taken.clear()
        self._handled.clear()
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.close()

    async def _opened(self) -> Consumer:
        self._require_not_closed()
        consumer = await Consumer.open(
            self._url, self._subscription, name=self._name, heartbeat_seconds=self._heartbeat_seconds
        )
        if self._closed:
            await consumer.close()
            raise ClientClosed
        return consumer

    def _require_not_closed(self) -> None:
        if self._closed:
            raise ClientClosed

    async def _next_delivery(self) -> Delivered:
        if not self._was_open:
            await self.open()
        while True:
            if self._consumer is None:
                self._consumer = await retry_while_unavailable(self._opened, self._backoff)
            try:
                return await self._take(self._consumer)
            except BrokerUnavailable as error:
                self._require_not_closed()
                _logger.warning("results: %s; reconnecting", error)
                await self._drop()

    async def _take(self, consumer: Consumer) -> Delivered:
        # Being asked for the next one means that the reader has finished with all before it.
        if self._handled and (not self._taken or len(self._handled) >= ACKNOWLEDGE_EVERY_RESULTS):
            await self.acknowledge()
        if not self._taken:
            self._taken.extend(await consumer.take())
        delivery = self._taken.popleft()
        self._handled.append(delivery)
        return delivery


def _parsed(delivery: Delivered) -> Result | None:
    try:
        return parse_result(delivery.body)
    except ValidationError as error:
        _logger.warning("a message under %r is not a result: %s", delivery.routing_key, explain(error))
        return None
