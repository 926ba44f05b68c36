from collections.abc import AsyncIterator

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from publisher.broker.consumer import Consumer, Subscription
from publisher.broker.delivery_tap import Delivered
from publisher.errors import BrokerRefused, BrokerUnavailable, Unroutable
from schemas.names import REPLIES_EXCHANGE
from tests.proxy import Proxy

DURABLE_QUEUE = "orders.ingress"
"""A name of the project's, so that the fixture removes it."""

EVERYTHING = Subscription(REPLIES_EXCHANGE, "#")
KEPT = Subscription(REPLIES_EXCHANGE, "#", queue=DURABLE_QUEUE)


@pytest.fixture
async def channel(amqp_url: str) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.declare_exchange(REPLIES_EXCHANGE, "topic", durable=True)
        yield channel


async def publish(channel: AbstractChannel, *texts: bytes, key: str = "-.applied.purchase.A") -> None:
    exchange = await channel.get_exchange(REPLIES_EXCHANGE)
    for text in texts:
        await exchange.publish(aio_pika.Message(text), key)


async def opened(url: str, subscription: Subscription) -> Consumer:
    return await Consumer.open(url, subscription, name="test", heartbeat_seconds=10)


async def take(consumer: Consumer, count: int) -> list[Delivered]:
    taken: list[Delivered] = []
    while len(taken) < count:
        taken += await consumer.take()
    return taken


async def test_deliveries_come_in_order(amqp_url: str, channel: AbstractChannel) -> None:
    consumer = await opened(amqp_url, EVERYTHING)
    await publish(channel, b"1", b"2", b"3")
    deliveries = await take(consumer, 3)
    assert [delivery.body for delivery in deliveries] == [b"1", b"2", b"3"]
    assert {delivery.routing_key for delivery in deliveries} == {"-.applied.purchase.A"}
    await consumer.close()


async def test_only_what_the_pattern_names_comes(amqp_url: str, channel: AbstractChannel) -> None:
    consumer = await opened(amqp_url, Subscription(REPLIES_EXCHANGE, "till-3.#"))
    await publish(channel, b"others")
    await publish(channel, b"mine", key="till-3.applied.purchase.a.b")
    assert [delivery.body for delivery in await consumer.take()] == [b"mine"]
    await consumer.close()


async def test_a_named_queue_keeps_what_was_not_acknowledged(amqp_url: str, channel: AbstractChannel) -> None:
    consumer = await opened(amqp_url, KEPT)
    await publish(channel, b"1", b"2", b"3")
    first, *_ = await take(consumer, 3)
    await consumer.acknowledge(first)
    await consumer.close()
    await publish(channel, b"4")
    again = await opened(amqp_url, KEPT)
    assert [delivery.body for delivery in await take(again, 3)] == [b"2", b"3", b"4"]
    await again.close()


async def test_a_cut_is_reported_and_the_buffer_thrown_away(
    amqp_url: str, channel: AbstractChannel, proxy: Proxy
) -> None:
    consumer = await opened(proxy.url(amqp_url), KEPT)
    await publish(channel, b"1")
    (delivery,) = await consumer.take()
    proxy.cut()
    with pytest.raises(BrokerUnavailable, match="the connection was lost"):
        await consumer.take()
    with pytest.raises(BrokerUnavailable):
        await consumer.acknowledge(delivery)
    await consumer.close()


async def test_a_cancel_by_the_broker_is_reported(amqp_url: str, channel: AbstractChannel) -> None:
    consumer = await opened(amqp_url, KEPT)
    await channel.queue_delete(DURABLE_QUEUE)
    with pytest.raises(BrokerUnavailable, match="was its queue deleted"):
        await consumer.take()
    await consumer.close()


async def test_an_exchange_that_is_missing_is_unroutable(amqp_url: str) -> None:
    with pytest.raises(Unroutable, match="order-worker"):
        await opened(amqp_url, EVERYTHING)


async def test_a_queue_that_exists_otherwise_is_refused(amqp_url: str, channel: AbstractChannel) -> None:
    await channel.declare_queue(DURABLE_QUEUE, durable=True)
    with pytest.raises(BrokerRefused, match=DURABLE_QUEUE):
        await opened(amqp_url, KEPT)
