"""A client's private queue of answers, and who waits for which."""

import asyncio
import logging
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from pydantic import ValidationError

from publisher.backoff import Backoff
from publisher.broker.consumer import Consumer, Subscription
from publisher.broker.delivery_tap import Delivered
from publisher.concurrency import cancel_all, shared_task
from publisher.errors import BrokerRefused, BrokerUnavailable, ClientClosed, OrderError
from publisher.retrying import retry_while_unavailable
from schemas.commands import Command
from schemas.explanations import explain
from schemas.names import REPLIES_EXCHANGE
from schemas.order_commands import OrderCommand, PlaceOrder
from schemas.results import OrderResult, Outcome, Result, parse_result

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiter:
    command: Command
    answer: asyncio.Future[Result]


class AnswerInbox:
    """Consumes the answers to the word `reply_to` and hands each to those who wait for it.

    The queue is the broker's while the connection lasts. When that is lost,
    answers may be lost with it: whoever waits gets `BrokerUnavailable`, and asks
    again once `ready` returns. The connection is opened at the first `ready`.
    """

    def __init__(self, url: str, *, reply_to: str, name: str, heartbeat_seconds: int, backoff: Backoff) -> None:
        self.reply_to = reply_to
        self._url = url
        self._name = name
        self._heartbeat_seconds = heartbeat_seconds
        self._backoff = backoff
        self._waiters: dict[UUID, list[_Waiter]] = {}
        self._decided = asyncio.Event()
        """Set while answers can arrive, and when they will not: `_consuming` has ended then."""
        self._consuming: asyncio.Task[None] | None = None
        self._closed = False

    async def ready(self) -> None:
        """Return once answers can arrive; wait for the broker as long as it takes.

        Raises `BrokerRefused` when the queue cannot be had, `Unroutable` when the
        exchange of the replies does not exist yet, and `ClientClosed` after `close`.
        """
        if self._closed:
            raise ClientClosed
        consuming = self._consuming_for_all()
        # The queue may be lost again before this goes on: then for the next one.
        while not (self._decided.is_set() or consuming.done()):
            await self._decided.wait()
        if self._closed:
            raise ClientClosed
        if consuming.done():
            consuming.result()

    def _consuming_for_all(self) -> asyncio.Task[None]:
        if self._consuming is None or self._consuming.done():
            self._decided.clear()
            self._consuming = shared_task(self._consume())
        return self._consuming

    def expect(self, command: Command) -> "asyncio.Future[Result]":
        """Return a future of the answer to `command`; call it before the command is sent.

        Its error is `BrokerUnavailable` when the queue was lost. Cancel it to give up.
        """
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(command.command_id, []).append(_Waiter(command, answer))
        return answer

    def forget(self, command: Command, answer: "asyncio.Future[Result]") -> None:
        """Stop waiting for `answer`; nothing happens where it has been given."""
        answer.cancel()
        left = [waiter for waiter in self._waiters.get(command.command_id, ()) if waiter.answer is not answer]
        if left:
            self._waiters[command.command_id] = left
        else:
            self._waiters.pop(command.command_id, None)

    async def close(self) -> None:
        """Close the connection for good; who still waits gets `ClientClosed`."""
        self._closed = True
        if self._consuming is not None:
            await cancel_all([self._consuming])
        self._decided.set()
        self._fail_all(ClientClosed())

    async def _consume(self) -> None:
        try:
            while True:
                consumer = await retry_while_unavailable(self._open, self._backoff)
                await self._consume_until_lost(consumer)
        except BrokerRefused as error:
            self._fail_all(error)
            raise
        finally:
            self._decided.set()

    async def _open(self) -> Consumer:
        subscription = Subscription(REPLIES_EXCHANGE, pattern=f"{self.reply_to}.#", acknowledged=False)
        return await Consumer.open(self._url, subscription, name=self._name, heartbeat_seconds=self._heartbeat_seconds)

    async def _consume_until_lost(self, consumer: Consumer) -> None:
        self._decided.set()
        try:
            while True:
                for delivery in await consumer.take():
                    self._hand_out(delivery)
        except BrokerUnavailable as error:
            _logger.warning("answers: %s; opening a new queue", error)
            self._decided.clear()
            self._fail_all(error)
        finally:
            await consumer.close()

    def _hand_out(self, delivery: Delivered) -> None:
        try:
            result = parse_result(delivery.body)
        except ValidationError as error:
            _logger.warning("an answer under %r is not a result: %s", delivery.routing_key, explain(error))
            return
        if result.command_id is not None:
            self._settle(result.command_id, result)

    def _settle(self, command_id: UUID, result: Result) -> None:
        waiters = self._waiters.pop(command_id, [])
        # One id with two bodies has two answers, one of them a conflict: tell them apart by what they are about.
        # An answer comes as often as it was asked for: one that is about none of them was meant for an earlier call.
        meant = [waiter for waiter in waiters if _is_about(result, waiter.command)]
        others = [waiter for waiter in waiters if waiter not in meant]
        if others:
            self._waiters[command_id] = others
        for waiter in meant:
            if not waiter.answer.done():
                waiter.answer.set_result(result)

    def _fail_all(self, error: OrderError) -> None:
        waiters, self._waiters = self._waiters, {}
        for waiter in chain.from_iterable(waiters.values()):
            if not waiter.answer.done():
                waiter.answer.set_exception(error)


def _is_about(result: Result, command: Command) -> bool:
    if result.outcome is Outcome.DEAD_LETTERED:
        return True  # it may not even be known what it was about
    if (result.type, result.aggregate_id) != (command.type, command.aggregate_id):
        return False
    if isinstance(command, OrderCommand):
        return _has_lines_of(result, command)
    return result.location == command.location and command.quantity in {None, result.quantity}


def _has_lines_of(result: Result, command: OrderCommand) -> bool:
    # An answer without lines may be about any.
    if not isinstance(command, PlaceOrder) or not isinstance(result, OrderResult) or not result.lines:
        return True
    asked = [(line.sku, line.location, line.quantity) for line in command.lines]
    return asked == [(line.sku, line.location, line.quantity) for line in result.lines]
