"""Where workers hear of each other: the broker itself tells who is alive.

Each worker has a private queue, bound to a fanout exchange. The queue lives as
long as the worker's connection, so a message sent to it straight, mandatory,
comes back as unroutable as soon as the broker has noticed that the worker is
gone. No clock is compared, and nobody is believed dead for being slow.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import aiormq
import structlog
from aiormq.exceptions import AMQPError

from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.broker.tapped_connection import TappedConnection, unused
from publisher.errors import BrokerUnavailable, OrderError, Unroutable
from worker.broker.report_messages import report_body, requested_queue
from worker.ownership import Announcement, Presence, WorkerReport

WORKERS_EXCHANGE = "orders.workers"
"""Fanout: what one worker says, all hear."""

QUEUE_LIMIT_MESSAGES = 1_000
"""A worker that hangs hears nothing; its queue must not grow meanwhile. The oldest are dropped."""

PROBE_TIMEOUT_SECONDS = 2.0
"""A broker that blocks publishers answers no probe: then nobody is taken for gone."""

_DIRECT = ""
_PROBE = b"{}"
"""Says nothing, least of all that its sender is a member: one that has stepped aside asks, too."""


class Assembly:
    """One worker's place among the others, for one session."""

    def __init__(self, channel: aiormq.Channel, sender: Sender, worker: str, shop: str) -> None:
        self._channel = channel
        self._sender = sender
        self.worker = worker
        self.shop = shop
        self.report: Callable[[], WorkerReport] | None = None
        """What to answer whoever asks how this worker is; until it is set, nothing is answered."""
        self._reporting: set[asyncio.Task[None]] = set()
        self._heard: asyncio.Queue[Announcement] = asyncio.Queue()
        self._log = structlog.get_logger()

    @classmethod
    async def enter(cls, connection: TappedConnection, sender: Sender, worker: str, shop: str) -> "Assembly":
        """Take a place under the name `worker`, which must be unique, as one that works for `shop`.

        Raises `BrokerUnavailable`.
        """
        try:
            with loss_is_no_cancellation():
                channel = await connection.channel(publisher_confirms=False)
                underlay: aiormq.Channel = await channel.get_underlay_channel()  # type: ignore[assignment]
                assembly = cls(underlay, sender, worker, shop)
                await assembly._listen(connection)
        except (AMQPError, OSError, RuntimeError) as error:
            raise BrokerUnavailable(f"the other workers cannot be heard: {error!r}") from error
        return assembly

    async def _listen(self, connection: TappedConnection) -> None:
        channel, queue = self._channel, _queue(self.worker)
        await channel.exchange_declare(WORKERS_EXCHANGE, exchange_type="fanout", durable=True)
        await channel.queue_declare(queue, exclusive=True, arguments={"x-max-length": QUEUE_LIMIT_MESSAGES})
        await channel.queue_bind(queue, WORKERS_EXCHANGE)
        connection.deliver(channel, self._on_delivery)
        await channel.basic_consume(queue, unused, no_ack=True)

    async def say(self, presence: Presence) -> None:
        """Tell all workers. What the broker does not take just now is reported, and said again soon."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
                await self._sender.publish([self._message(presence)])
        except (OrderError, TimeoutError) as error:
            self._log.warning("assembly.unheard", presence=presence, error=str(error) or type(error).__name__)

    async def hear(self, within_seconds: float) -> list[Announcement]:
        """Return what was heard, as soon as something was; nothing after `within_seconds`."""
        heard: list[Announcement] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                heard.append(await self._heard.get())
        while not self._heard.empty():
            heard.append(self._heard.get_nowait())
        return heard

    async def gone(self, workers: Iterable[str]) -> set[str]:
        """Return those of `workers` whose connection the broker has lost."""
        asked = list(workers)
        gone = await asyncio.gather(*map(self._is_gone, asked))
        return {worker for worker, is_gone in zip(asked, gone, strict=True) if is_gone}

    async def _is_gone(self, worker: str) -> bool:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
                await self._sender.publish([OutgoingMessage(_DIRECT, _queue(worker), _PROBE, mandatory=True)])
        except Unroutable:
            return True
        except (OrderError, TimeoutError):
            return False
        return False

    def _message(self, presence: Presence) -> OutgoingMessage:
        body = json.dumps({"worker": self.worker, "presence": presence, "shop": self.shop}).encode()
        return OutgoingMessage(WORKERS_EXCHANGE, "", body)

    def _on_delivery(self, delivered: Delivered) -> None:
        announcement = _announcement(delivered.body)
        if announcement is not None:
            self._heard.put_nowait(announcement)
            return
        queue = requested_queue(delivered.body)
        if queue is not None and self.report is not None:
            task = asyncio.create_task(self._report_to(queue, self.report()))
            self._reporting.add(task)
            task.add_done_callback(self._reporting.discard)

    async def _report_to(self, queue: str, report: WorkerReport) -> None:
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
                await self._sender.publish([OutgoingMessage(_DIRECT, queue, report_body(report))])
        except (OrderError, TimeoutError) as error:
            self._log.warning("assembly.unreported", error=str(error) or type(error).__name__)


def _queue(worker: str) -> str:
    return f"{WORKERS_EXCHANGE}.{worker}"


def _announcement(body: bytes) -> Announcement | None:
    """Return what `body` says, or None: what is no announcement was not said by a worker."""
    try:
        fields: Any = json.loads(body)
        return Announcement(str(fields["worker"]), Presence(fields["presence"]), str(fields["shop"]))
    except (ValueError, KeyError, TypeError):
        return None
