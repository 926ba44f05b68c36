"""The client: commands out, answers in.

async with OrderClient("amqp://localhost", name="till-3") as client:
    result = await client.purchase("85123A", 6, user="till-3")
"""

import asyncio
import re
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Self
from uuid import uuid4

from publisher.addressing import Addressing
from publisher.answer_inbox import AnswerInbox
from publisher.answer_stream import OUTSTANDING_LIMIT_COMMANDS, AnswerStream
from publisher.backoff import Backoff
from publisher.broker.connection import require_broker_url
from publisher.broker.consumer import Subscription
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import DEFAULT_HEARTBEAT_SECONDS, Sender
from publisher.bulk_sending import BulkSender, in_windows
from publisher.errors import AnswerTimeout, InvalidInput
from publisher.order_operations import OrderOperations
from publisher.result_feed import ResultFeed
from publisher.retrying import retry_while_unavailable, retry_within
from publisher.short_texts import require_reply_to, require_short_text
from publisher.stock_operations import StockOperations
from schemas.commands import Command
from schemas.names import REPLIES_EXCHANGE
from schemas.order_commands import PlaceOrder
from schemas.partitions import DEFAULT_PARTITION_COUNT
from schemas.results import Result
from schemas.texts import REPLY_TO_LIMIT_BYTES

DEFAULT_TIMEOUT_SECONDS = 30.0

ORDER_GRACE_SECONDS = 15.0
"""How long after its deadline an order may take to say so: a worker may have to take over from a dead one first."""

_UNIQUE_PART_CHARACTERS = 8
_NAME_LIMIT_CHARACTERS = REPLY_TO_LIMIT_BYTES - _UNIQUE_PART_CHARACTERS - 1
_NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{_NAME_LIMIT_CHARACTERS}}}")


class OrderClient(StockOperations, OrderOperations):
    """Sends commands and receives their answers, over connections that come back by themselves.

    One client serves any number of concurrent callers of one event loop; to
    another loop it raises `RuntimeError`. Its methods raise `BrokerRefused`,
    `Unroutable` and `InvalidInput` at once, and `BrokerUnavailable` or
    `AnswerTimeout` only after their timeout: until then they reconnect and send
    again under the same command id, which never applies anything twice. A refusal
    by a rule of the shop is a result, not an error.

    Not promised: an order among calls that run at the same time. Commands of one
    SKU take effect in order when each call starts after the one before returned,
    or when they are items of one `send_many` or `request_many`; unless the broker
    refuses one of these, for it may have taken those behind it.

    What can be asked of one SKU stands in `StockOperations`, of whole orders in
    `OrderOperations`.
    """

    def __init__(
        self,
        amqp_url: str,
        *,
        name: str = "order-client",
        partition_count: int = DEFAULT_PARTITION_COUNT,
        hash_on_client: bool = True,
        verified_user: str | None = None,
        timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
        heartbeat_seconds: int = DEFAULT_HEARTBEAT_SECONDS,
    ) -> None:
        """Open nothing yet. Raises `InvalidInput` for a wrong URL, name or partition count.

        amqp_url           the broker, `amqp://user:password@host:port/virtual-host`
        name               shown by the broker; 1 to 55 ASCII letters, digits, `-`, `_`
        partition_count    the workers' own; another one gets `dead_lettered`, `misrouted`
        hash_on_client     false: publish under the SKU and let a worker find the partition
        verified_user      set as `user_id`, which the broker checks and the audit names
        timeout_seconds    how long a call waits unless it says otherwise; for an order, until past its deadline
        heartbeat_seconds  a silent broker is given up after about twice this
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput(
                f"name: must be 1 to {_NAME_LIMIT_CHARACTERS} ASCII letters, digits, '-' or '_' (got {name!r})"
            )
        require_broker_url(amqp_url)
        self.reply_to = f"{name}-{uuid4().hex[:_UNIQUE_PART_CHARACTERS]}"
        """The word that answers to this client carry; two clients of one name differ in it."""
        self._url = amqp_url
        self._name = name
        self._timeout_seconds = timeout_seconds
        self._heartbeat_seconds = heartbeat_seconds
        self._backoff = Backoff()
        self._addressing = Addressing(partition_count, hash_on_client, verified_user)
        self._sender = Sender(amqp_url, name=f"{name} commands", heartbeat_seconds=heartbeat_seconds)
        self._inbox = AnswerInbox(
            amqp_url,
            reply_to=self.reply_to,
            name=f"{name} answers",
            heartbeat_seconds=heartbeat_seconds,
            backoff=self._backoff,
        )

    async def __aenter__(self) -> Self:
        """Connect, once: raises `BrokerUnavailable` where that fails, so that a wrong URL shows at once."""
        try:
            await self._sender.channel()
        except asyncio.CancelledError:
            # Who gives up entering has nobody who would close it.
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; calls that still wait raise `ClientClosed`."""
        try:
            await self._inbox.close()
        finally:
            await self._sender.close()

    async def request(self, command: Command, *, timeout_seconds: float | None = None) -> Result:
        """Send `command` as it is and return its answer, whatever the outcome.

        Raises `AnswerTimeout`, which carries the command id, when none came in
        time. Calling again with the same id gets the stored answer.
        """
        timeout_seconds = self._patience_seconds(command) if timeout_seconds is None else timeout_seconds
        try:
            async with asyncio.timeout(timeout_seconds):
                # After a loss of the private queue, the answer may have gone with it: ask again.
                return await retry_while_unavailable(lambda: self._request_once(command), self._backoff)
        except TimeoutError as error:
            raise AnswerTimeout(command.command_id, timeout_seconds) from error

    def _patience_seconds(self, command: Command) -> float:
        if isinstance(command, PlaceOrder):
            return max(self._timeout_seconds, command.expires_in + ORDER_GRACE_SECONDS)
        return self._timeout_seconds

    async def _request_once(self, command: Command) -> Result:
        await self._inbox.ready()
        answer = self._inbox.expect(command)
        try:
            await self._sender.publish([self._addressing.message(command, self.reply_to)])
            return await answer
        finally:
            self._inbox.forget(command, answer)

    def request_many(
        self,
        commands: Iterable[Command] | AsyncIterable[Command],
        *,
        timeout_seconds: float | None = None,
        outstanding_limit: int = OUTSTANDING_LIMIT_COMMANDS,
    ) -> AnswerStream:
        """Send `commands` in order and fast, and iterate over their answers: see `AnswerStream`.

            async for answered in client.request_many(commands):
                print(answered.position, answered.result.outcome)

        `timeout_seconds` is the longest time without any answer. At most
        `outstanding_limit` commands wait for theirs; a deadline of an order runs from
        when it is sent.
        """
        timeout_seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        return AnswerStream(
            commands,
            inbox=self._inbox,
            send=lambda source: self.send_many(source, reply_to=self.reply_to, timeout_seconds=timeout_seconds),
            timeout_seconds=timeout_seconds,
            outstanding_limit=outstanding_limit,
        )

    async def send(
        self, command: Command, *, reply_to: str | None = None, timeout_seconds: float | None = None
    ) -> None:
        """Send `command` and return once the broker has it safely; its answer goes to the word `reply_to`.

        Raises `BrokerUnavailable` when it was not confirmed in time: it may have
        arrived all the same, and sending it again is safe.
        """
        if reply_to is not None:
            require_reply_to(reply_to)
        messages = [self._addressing.message(command, reply_to)]
        timeout_seconds = self._timeout_seconds if timeout_seconds is None else timeout_seconds
        await retry_within(lambda: self._sender.publish(messages), self._backoff, timeout_seconds)

    async def send_many(
        self,
        commands: Iterable[Command] | AsyncIterable[Command],
        *,
        reply_to: str | None = None,
        on_confirmed: Callable[[int], None] | None = None,
        timeout_seconds: float | None = None,
    ) -> int:
        """Send `commands` in their order, thousands a second; return how many, all confirmed by the broker.

        The source may be endless: memory is bounded. `on_confirmed` is told the
        number confirmed so far. `timeout_seconds` is the longest time without a
        confirm, then `BrokerUnavailable` is raised; `BrokerRefused` is at once.
        Either way, what was under way may have arrived: up to 2,000 commands
        beyond those confirmed. Sending all of them again is safe; but what the
        broker refused comes behind younger commands of its SKU then.
        """
        if reply_to is not None:
            require_reply_to(reply_to)
        bulk = BulkSender(
            self._sender,
            backoff=self._backoff,
            timeout_seconds=self._timeout_seconds if timeout_seconds is None else timeout_seconds,
            on_confirmed=on_confirmed,
        )
        async with aclosing(in_windows(commands)) as windows:
            await bulk.send(self._messages(window, reply_to) async for window in windows)
        return bulk.confirmed_count

    def _messages(self, commands: Sequence[Command], reply_to: str | None) -> list[OutgoingMessage]:
        return [self._addressing.message(command, reply_to) for command in commands]

    def results(self, pattern: str = "#", *, queue: str | None = None) -> ResultFeed:
        """Return an iterator over the results of everybody that match the topic `pattern`: see `ResultFeed`.

        The routing key is `<reply_to or ->.<outcome>.<type>.<sku>`: `*.dead_lettered.#`
        is an alert. `queue` names a durable queue; without it, a private one is used.
        Raises `InvalidInput` for one of over 255 bytes.
        """
        require_short_text("pattern", pattern)
        if queue is not None:
            require_short_text("queue", queue)
        return ResultFeed(
            self._url,
            Subscription(REPLIES_EXCHANGE, pattern, queue),
            name=f"{self._name} results",
            heartbeat_seconds=self._heartbeat_seconds,
        )
