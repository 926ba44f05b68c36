"""`python -m tests.soak.client SEED SKUS FILE`: customers at a steady pace, who note every second what they wait for.

On standard input: `pace 4000`, commands a second; `pace flat-out`; `finish`: nothing new, and the end once all is
answered. The servers are in ORDERS_AMQP_URL, to publish, and ORDERS_ANSWERS_URL.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path

from publisher.backoff import Backoff
from publisher.broker.consumer import Consumer, Subscription
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.bulk_sending import WINDOW_LIMIT_MESSAGES, BulkSender
from publisher.errors import BrokerUnavailable
from publisher.retrying import retry_while_unavailable
from schemas.names import REPLIES_EXCHANGE
from tests.faults.cluster.polling import poll_until
from tests.faults.load.journal import Journal
from tests.faults.load.standard_input import standard_input
from tests.soak.pace import Pace
from tests.soak.traffic import Traffic
from tests.soak.unanswered import Unanswered

ANSWERS_QUEUE = "soak.answers"
CONFIRM_TIMEOUT_SECONDS = 120.0
HEARTBEAT_SECONDS = 2
STEP_SECONDS = 0.01
NOTE_SECONDS = 1.0
ANSWERS_TIMEOUT_SECONDS = 180.0
"""For what is unanswered at the end: a clock of the workers asks again after 75 s at the latest."""


class Client:
    """Everybody who buys, over one connection out and one in."""

    def __init__(self, traffic: Traffic, journal: Journal) -> None:
        self._traffic = traffic
        self._journal = journal
        self._clock = asyncio.get_running_loop().time
        self._pace = Pace(0, self._clock())
        self._unanswered = Unanswered()
        self._finishing = False

    async def run(self, amqp_url: str, answers_url: str) -> None:
        """Follow the orders on standard input to the last answer, or until nobody waits for one any more."""
        consumer = await self._consumer(answers_url)
        sender = Sender(amqp_url, name="soak", heartbeat_seconds=HEARTBEAT_SECONDS)
        async with asyncio.TaskGroup() as tasks:
            endless = [
                tasks.create_task(each) for each in (self._take(consumer, answers_url), self._note(), self._obey())
            ]
            bulk = BulkSender(sender, backoff=Backoff(), timeout_seconds=CONFIRM_TIMEOUT_SECONDS, on_confirmed=None)
            await bulk.send(self._windows())
            # Not for ever: the last note tells how many commands are unanswered.
            await poll_until(lambda: not self._unanswered, ANSWERS_TIMEOUT_SECONDS)
            for task in endless:
                task.cancel()
        self._write_note()
        await sender.close()

    async def _windows(self) -> AsyncIterator[list[OutgoingMessage]]:
        while not self._finishing:
            pace = self._pace
            due = pace.due(self._clock(), len(self._unanswered))
            if not due:
                await asyncio.sleep(STEP_SECONDS)
                continue
            window = list(islice(self._traffic, min(due, WINDOW_LIMIT_MESSAGES)))
            pace.begun_count += len(window)
            self._unanswered.sent((message.correlation_id or "" for message in window), self._clock())
            yield window

    async def _take(self, consumer: Consumer, url: str) -> None:
        try:
            while True:
                try:
                    await self._strike_out(consumer)
                except BrokerUnavailable:
                    await consumer.close()
                    consumer = await self._consumer(url)
        finally:
            await consumer.close()

    async def _strike_out(self, consumer: Consumer) -> None:
        while True:
            deliveries = await consumer.take()
            for delivery in deliveries:
                self._unanswered.answered(delivery.properties.correlation_id or "")
            await consumer.acknowledge(deliveries[-1])

    async def _consumer(self, url: str) -> Consumer:
        subscription = Subscription(REPLIES_EXCHANGE, "#", ANSWERS_QUEUE)

        async def opened() -> Consumer:
            return await Consumer.open(url, subscription, name="soak", heartbeat_seconds=HEARTBEAT_SECONDS)

        return await retry_while_unavailable(opened, Backoff())

    async def _obey(self) -> None:
        async for line in await standard_input():
            match line.decode().split():
                case ["finish"]:
                    self._finishing = True
                case ["pace", "flat-out"]:
                    self._pace = Pace(None, self._clock())
                case ["pace", per_second]:
                    self._pace = Pace(float(per_second), self._clock())

    async def _note(self) -> None:
        while True:
            self._write_note()
            await asyncio.sleep(NOTE_SECONDS)

    def _write_note(self) -> None:
        self._journal.note(
            sent=self._unanswered.sent_count,
            answered=self._unanswered.answered_count,
            unanswered=len(self._unanswered),
            oldest_seconds=round(self._unanswered.oldest_seconds(self._clock()), 4),
        )


async def main(traffic: Traffic, path: Path) -> None:
    """Buy, and note it in `path`."""
    with Journal(path) as journal:
        await Client(traffic, journal).run(os.environ["ORDERS_AMQP_URL"], os.environ["ORDERS_ANSWERS_URL"])


if __name__ == "__main__":
    asyncio.run(main(Traffic(int(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3])))
