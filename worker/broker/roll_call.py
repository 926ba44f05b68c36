"""Asks all workers how they are. Who is dead or hangs does not answer, whatever it has said before."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import aiormq
from aiormq.exceptions import AMQPError, ChannelNotFoundEntity

from publisher.broker.connection import connect, hang_up
from publisher.broker.delivery_tap import Delivered
from publisher.broker.loss import loss_is_no_cancellation
from publisher.broker.tapped_connection import unused
from publisher.errors import BrokerUnavailable
from worker.broker.assembly import WORKERS_EXCHANGE
from worker.broker.report_messages import REPORT_QUEUE_PREFIX, report_of, report_request
from worker.ownership import WorkerReport

ANSWER_LIMIT_SECONDS = 3.0
"""A worker at work answers within milliseconds; on a machine that is overloaded, a second may pass."""

UNTOLD_SECONDS = 0.5
"""How long is waited for workers of whom no answer tells: those that have stepped aside."""

HEARTBEAT_SECONDS = 10


async def call_roll(url: str) -> list[WorkerReport]:
    """Return the report of every worker that answers.

    Returns soon after nobody is missing of whom an answer tells; else after
    `ANSWER_LIMIT_SECONDS`. Raises `BrokerUnavailable`, also where the broker
    takes no messages.
    """
    connection = await connect(url, name="order-worker status", heartbeat_seconds=HEARTBEAT_SECONDS)
    try:
        with loss_is_no_cancellation():
            channel = await connection.channel(publisher_confirms=True)
            underlay: aiormq.Channel = await channel.get_underlay_channel()  # type: ignore[assignment]
            roll_call = _RollCall(underlay)
            connection.deliver(underlay, roll_call.on_delivery)
            return await roll_call.reports()
    except ChannelNotFoundEntity:
        return []  # the exchange is declared by the first worker
    except (AMQPError, OSError, RuntimeError) as error:
        raise BrokerUnavailable(f"the workers could not be asked: {error!r}") from error
    finally:
        await hang_up(connection)


class _RollCall:
    def __init__(self, channel: aiormq.Channel) -> None:
        self._channel = channel
        self._reports: dict[str, WorkerReport] = {}
        self._answered = asyncio.Event()

    async def reports(self) -> list[WorkerReport]:
        queue = f"{REPORT_QUEUE_PREFIX}{uuid4().hex}"
        await self._channel.queue_declare(queue, exclusive=True)
        await self._channel.basic_consume(queue, unused, no_ack=True)
        try:
            async with asyncio.timeout(ANSWER_LIMIT_SECONDS):
                await self._channel.basic_publish(report_request(queue), exchange=WORKERS_EXCHANGE)
        except TimeoutError as error:
            raise BrokerUnavailable("the broker takes no messages; has it a memory or disk alarm?") from error
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_LIMIT_SECONDS):
                while not self._complete:
                    self._answered.clear()
                    await self._answered.wait()
                await asyncio.sleep(UNTOLD_SECONDS)
        return list(self._reports.values())

    @property
    def _complete(self) -> bool:
        known = {member for report in self._reports.values() for member in report.members}
        return bool(self._reports) and known <= self._reports.keys()

    def on_delivery(self, delivered: Delivered) -> None:
        report = report_of(delivered.body)
        if report is not None:
            self._reports[report.worker] = report
            self._answered.set()
