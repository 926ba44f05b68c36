import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import aio_pika
import aiormq
import pytest
from aio_pika.abc import AbstractChannel
from yarl import URL

from publisher.broker.confirmed_channel import OPEN_TIMEOUT_SECONDS, ConfirmedChannel
from publisher.broker.connection import connect
from publisher.broker.messages import OutgoingMessage
from publisher.broker.sender import Sender
from publisher.errors import BrokerRefused, BrokerUnavailable, ClientClosed, Unroutable
from tests.proxy import Proxy

QUEUE = "orders.ingress"
"""A name of the project's, so that the fixture removes it."""

IMPATIENT_SECONDS = 0.5

FILLING, FILLING_COUNT = bytes(1_000_000), 32
"""More than all buffers between a sender and a broker hold together."""


def message(body: bytes = b"x", *, queue: str = QUEUE, user_id: str | None = None) -> OutgoingMessage:
    """Return a message that the default exchange puts into `queue`."""
    return OutgoingMessage(exchange="", routing_key=queue, body=body, user_id=user_id, mandatory=True)


@pytest.fixture
async def channel(amqp_url: str) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(amqp_url) as connection:
        yield await connection.channel()


@pytest.fixture
async def queue(channel: AbstractChannel) -> aio_pika.abc.AbstractQueue:
    return await channel.declare_queue(QUEUE, durable=True)


@pytest.fixture
async def sender(amqp_url: str) -> AsyncIterator[Sender]:
    sender = Sender(amqp_url, name="test")
    yield sender
    await sender.close()


@pytest.fixture
async def proxied(amqp_url: str, proxy: Proxy) -> AsyncIterator[Sender]:
    """Give a sender whose way to the broker `proxy` can disturb."""
    sender = Sender(proxy.url(amqp_url), name="test")
    yield sender
    await sender.close()


async def bodies(queue: aio_pika.abc.AbstractQueue, count: int) -> list[bytes]:
    taken = [await queue.get(no_ack=True) for _ in range(count)]
    assert await queue.get(fail=False) is None
    return [each.body for each in taken]


async def until_ready(channel: AbstractChannel, count: int) -> None:
    """Wait until `count` messages lie in the queue."""
    while (await channel.declare_queue(QUEUE, passive=True)).declaration_result.message_count != count:
        """Asking takes as long as a pause would."""


def test_the_client_library_still_has_what_is_reached_into() -> None:
    # `ConfirmedChannel` relies on these names of aiormq; a new version may have none of them.
    assert callable(aiormq.Channel._on_confirm_frame)  # noqa: SLF001
    made_in_constructor = set(aiormq.Channel.__init__.__code__.co_names)
    names = {"delivery_tag", "confirmations", "message_id_delivery_tag", "max_content_size", "number"}
    assert names <= made_in_constructor


async def test_a_batch_arrives_in_order(sender: Sender, queue: aio_pika.abc.AbstractQueue) -> None:
    sent = [b"%d" % number for number in range(1_000)]
    await sender.publish([message(body) for body in sent])
    assert await bodies(queue, 1_000) == sent


async def test_what_many_publish_at_once_goes_over_one_channel_in_order(
    sender: Sender, queue: aio_pika.abc.AbstractQueue
) -> None:
    # Many times what aiormq's own queue of frames has room for.
    sent = [b"%d" % number for number in range(200)]
    channel = await sender.channel()
    await asyncio.gather(*(sender.publish([message(body)]) for body in sent))
    assert await bodies(queue, 200) == sent
    assert await sender.channel() is channel


async def test_what_cannot_be_encoded_spoils_no_count(sender: Sender, queue: aio_pika.abc.AbstractQueue) -> None:
    with pytest.raises(ValueError, match="255"):
        await sender.publish([message(b"1"), message(queue="q" * 256)])
    await sender.publish([message(b"2")])
    assert await bodies(queue, 1) == [b"2"]


async def test_a_body_of_many_frames_arrives_whole(sender: Sender, queue: aio_pika.abc.AbstractQueue) -> None:
    body = bytes(range(256)) * 10_000
    await sender.publish([message(body)])
    assert await bodies(queue, 1) == [body]


async def test_an_unroutable_message_is_an_error_and_the_others_arrive(
    sender: Sender, queue: aio_pika.abc.AbstractQueue
) -> None:
    with pytest.raises(Unroutable, match="nowhere"):
        await sender.publish([message(b"1"), message(queue="nowhere"), message(b"2")])
    await sender.publish([message(b"3")])
    assert await bodies(queue, 3) == [b"1", b"2", b"3"]


async def test_an_exchange_that_is_missing_is_unroutable(sender: Sender, amqp_url: str) -> None:
    assert amqp_url
    with pytest.raises(Unroutable, match="order-worker"):
        await sender.publish([OutgoingMessage(exchange="orders.commands", routing_key="x", body=b"x")])


async def test_what_a_full_queue_rejects_is_refused(sender: Sender, channel: AbstractChannel) -> None:
    limited = await channel.declare_queue(
        QUEUE, durable=True, arguments={"x-max-length": 1, "x-overflow": "reject-publish"}
    )
    with pytest.raises(BrokerRefused, match="did not take"):
        await sender.publish([message(b"%d" % number) for number in range(50)])
    assert (await limited.get(no_ack=True)).body == b"0"


async def test_the_broker_checks_the_user(sender: Sender, queue: aio_pika.abc.AbstractQueue, amqp_url: str) -> None:
    with pytest.raises(BrokerRefused, match="user_id"):
        await sender.publish([message(user_id="somebody-else")])
    await sender.publish([message(b"honest", user_id=URL(amqp_url).user)])
    assert await bodies(queue, 1) == [b"honest"]


async def test_a_loss_is_reported_and_the_next_publish_connects_anew(
    proxied: Sender, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    await proxied.publish([message(b"before")])
    proxy.black_hole()
    publishing = asyncio.create_task(proxied.publish([message(b"lost")]))
    await asyncio.wait({publishing}, timeout=0.1)  # its confirm cannot come
    proxy.cut()
    with pytest.raises(BrokerUnavailable, match="the connection was lost"):
        await publishing
    await proxy.heal()
    await proxied.publish([message(b"after")])
    assert proxied.connection_count == 2
    assert await bodies(queue, 2) == [b"before", b"after"]


async def test_a_caller_that_gives_up_disturbs_nobody(sender: Sender, queue: aio_pika.abc.AbstractQueue) -> None:
    await sender.publish([message(b"first")])
    impatient = asyncio.create_task(sender.publish([message(b"impatient")]))
    patient = asyncio.create_task(sender.publish([message(b"patient")]))
    impatient.cancel()
    await patient
    await sender.publish([message(b"last")])
    assert (await queue.get(no_ack=True)).body == b"first"


async def test_a_caller_that_gave_up_on_a_dead_connection_leaves_it_to_nobody(
    proxied: Sender, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    await (await proxied.channel()).close()
    proxy.half_open()  # so a new channel on this connection is waited for in vain; new connections are served
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(IMPATIENT_SECONDS):
            await proxied.publish([message(b"given up")])
    async with asyncio.timeout(OPEN_TIMEOUT_SECONDS / 2):
        await proxied.publish([message(b"after")])
    assert proxied.connection_count == 2
    assert await bodies(queue, 1) == [b"after"]


async def test_while_the_broker_reads_nothing_callers_wait_in_turn_and_send_nothing_if_they_give_up(
    proxied: Sender, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    await proxied.publish([message(b"first")])
    proxy.hold()
    filling = [asyncio.create_task(proxied.publish([message(FILLING)])) for _ in range(FILLING_COUNT)]
    late = [asyncio.create_task(proxied.publish([message(b"%d" % number)])) for number in range(4)]
    await asyncio.wait(late, timeout=0.1)
    for each in (late[0], late[2]):
        each.cancel()
    await proxy.heal()
    await asyncio.gather(*filling, late[1], late[3])
    await proxied.publish([message(b"last")])
    arrived = await bodies(queue, FILLING_COUNT + 4)
    assert [body for body in arrived if body != FILLING] == [b"first", b"1", b"3", b"last"]


async def test_whoever_waits_for_the_broker_to_read_on_learns_of_a_loss(
    proxied: Sender, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    await proxied.publish([message(b"first")])
    proxy.hold()
    publishing = [asyncio.create_task(proxied.publish([message(FILLING)])) for _ in range(FILLING_COUNT)]
    await asyncio.wait(publishing, timeout=0.1)
    proxy.cut()
    told = await asyncio.gather(*publishing, return_exceptions=True)
    assert {type(each) for each in told} == {BrokerUnavailable}
    assert (await queue.get(no_ack=True)).body == b"first"


async def test_callers_of_little_patience_get_there_together(
    proxied: Sender, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    proxy.delay(0.02)  # connecting takes ten times as long, there and back
    channel = None
    async with asyncio.timeout(OPEN_TIMEOUT_SECONDS):
        while channel is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    channel = await proxied.channel()
    await channel.publish([message(b"1")])
    assert proxied.connection_count == 1
    assert await bodies(queue, 1) == [b"1"]


async def test_a_sender_that_is_closed_while_it_connects_leaves_nothing_open(
    proxied: Sender, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    proxy.black_hole()
    publishing = asyncio.create_task(proxied.publish([message()]))
    await proxy.has_connections(1)
    await proxied.close()
    with pytest.raises(ClientClosed):
        await publishing
    await proxy.has_connections(0)
    assert await bodies(queue, 0) == []


async def test_another_event_loop_is_told_that_it_is_the_wrong_one(
    sender: Sender, queue: aio_pika.abc.AbstractQueue
) -> None:
    await sender.publish([message()])
    with pytest.raises(RuntimeError, match="event loop"):
        await asyncio.to_thread(asyncio.run, sender.publish([message(b"elsewhere")], within_seconds=IMPATIENT_SECONDS))
    assert await bodies(queue, 1) == [b"x"]


async def test_a_closed_sender_stays_closed(sender: Sender, queue: aio_pika.abc.AbstractQueue) -> None:
    await sender.publish([message()])
    await sender.close()
    with pytest.raises(ClientClosed):
        await sender.publish([message()])
    assert await bodies(queue, 1) == [b"x"]


async def test_whoever_publishes_while_the_connection_closes_is_told_that_it_is_lost(
    sender: Sender, queue: aio_pika.abc.AbstractQueue
) -> None:
    assert await bodies(queue, 0) == []
    channel = await sender.channel()
    closing, publishing = asyncio.create_task(sender.close()), []
    while not closing.done():
        publishing.append(asyncio.create_task(channel.publish([message()])))
        await asyncio.sleep(0)
    told = await asyncio.gather(*publishing, return_exceptions=True)
    assert {type(each) for each in told} <= {type(None), BrokerUnavailable}
    assert isinstance(told[-1], BrokerUnavailable)


async def test_a_broker_that_is_not_there_is_unavailable(amqp_url: str, proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(BrokerUnavailable, match=f"127.0.0.1:{proxy.port}"):
        await Sender(proxy.url(amqp_url), name="test").publish([message()])


async def test_a_channel_on_a_lost_connection_is_unavailable(amqp_url: str) -> None:
    connection = await connect(amqp_url, name="test", heartbeat_seconds=10)
    await connection.close()
    with pytest.raises(BrokerUnavailable):
        await ConfirmedChannel.open(connection)


async def test_what_is_never_confirmed_is_given_up_and_published_on_another_channel(
    amqp_url: str, channel: AbstractChannel, queue: aio_pika.abc.AbstractQueue
) -> None:
    async with Proxy.to(amqp_url) as proxy:
        sender = Sender(proxy.url(amqp_url), name="test")
        await sender.publish([message(b"1")])
        proxy.black_hole_replies()
        with pytest.raises(BrokerUnavailable, match="has confirmed nothing for"):
            await sender.publish([message(b"2")], within_seconds=0.2)
        await until_ready(channel, 2)  # what the broker has not read yet when its connection breaks never arrives
        await proxy.heal()
        await sender.publish([message(b"3")], within_seconds=30)
        await sender.close()
    assert b"3" in await bodies(queue, 3)


async def test_a_channel_that_is_given_up_is_closed_once_nobody_waits_for_it(
    amqp_url: str, proxy: Proxy, queue: aio_pika.abc.AbstractQueue
) -> None:
    connection = await connect(proxy.url(amqp_url), name="test", heartbeat_seconds=10)
    channel = await ConfirmedChannel.open(connection)
    assert connection.transport is not None
    (opened,) = connection.transport.connection.channels.values()
    assert opened is not None
    proxy.hold()
    impatient, patient = (asyncio.create_task(channel.publish([message(body)])) for body in (b"1", b"2"))
    await asyncio.wait({impatient, patient}, timeout=0.1)
    impatient.cancel()
    channel.give_up()
    with pytest.raises(BrokerUnavailable):
        await channel.publish([message(b"3")])
    await proxy.heal()
    await patient
    await asyncio.wait({opened.closing})
    assert await bodies(queue, 2) == [b"1", b"2"]
    await connection.close()
