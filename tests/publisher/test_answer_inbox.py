import asyncio

from publisher import ClientClosed
from publisher.answer_inbox import AnswerInbox
from publisher.backoff import Backoff
from publisher.broker.consumer import Consumer
from tests.proxy import Proxy
from tests.publisher.answering_twin import AnsweringTwin

PATIENCE_SECONDS = 10.0


class Inbox(AnswerInbox):
    """One that can lose a queue before anybody has learned that it is there."""

    def __init__(self, url: str) -> None:
        super().__init__(url, reply_to="till-1", name="till", heartbeat_seconds=10, backoff=Backoff())
        self.lost_at_once = 0

    async def _open(self) -> Consumer:
        consumer = await super()._open()
        if self.lost_at_once:
            self.lost_at_once -= 1
            await consumer.close()
        return consumer


async def test_where_a_queue_is_lost_at_once_everybody_waits_for_the_next(amqp_url: str, twin: AnsweringTwin) -> None:
    assert twin.received == []
    inbox = Inbox(amqp_url)
    inbox.lost_at_once = 1
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(inbox.ready() for _ in range(10)))
    await inbox.close()


async def test_whoever_waits_is_told_that_it_is_closed(amqp_url: str, proxy: Proxy) -> None:
    inbox = Inbox(proxy.url(amqp_url))
    proxy.black_hole()
    waiting = [asyncio.create_task(inbox.ready()) for _ in range(2)]
    await proxy.has_connections(1)
    await inbox.close()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in told] == [ClientClosed, ClientClosed]
