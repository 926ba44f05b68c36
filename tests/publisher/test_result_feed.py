import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import aio_pika
import pytest

from publisher import BrokerUnavailable, ClientClosed, OrderClient, Unroutable
from schemas.results import Outcome, Result, encode_result
from tests.proxy import Proxy
from tests.publisher.answering_twin import AnsweringTwin

QUEUE = "orders.test-feed"


@pytest.fixture
async def queue(amqp_url: str) -> AsyncIterator[str]:
    """Give the name of a queue that does not exist yet."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(QUEUE)
        yield QUEUE
        await channel.queue_delete(QUEUE)


def result(number: int, outcome: Outcome = Outcome.APPLIED) -> Result:
    return Result(
        command_id=UUID(int=number),
        outcome=outcome,
        type="purchase",
        sku="A",
        location="main",
        quantity=number,
        reason=None,
        message=None,
    )


async def publish(twin: AnsweringTwin, *numbers: int, outcome: Outcome = Outcome.APPLIED) -> None:
    for number in numbers:
        await twin.publish_reply(encode_result(result(number, outcome)), f"till.{outcome}.purchase.A")


async def test_everybodys_results_come(client: OrderClient) -> None:
    async with client.results() as results:
        await client.restock("A", 1, user="one")
        await client.purchase("B", 1, user="other")
        first, second = await anext(results), await anext(results)
    assert [(each.sku, each.outcome, each.user) for each in (first, second)] == [
        ("A", Outcome.APPLIED, "one"),
        ("B", Outcome.REJECTED, "other"),
    ]


async def test_a_pattern_chooses(client: OrderClient, twin: AnsweringTwin) -> None:
    async with client.results("*.dead_lettered.#") as results:
        await publish(twin, 1)
        await publish(twin, 2, outcome=Outcome.DEAD_LETTERED)
        assert (await anext(results)).quantity == 2


async def test_a_repeated_answer_comes_once(client: OrderClient, twin: AnsweringTwin) -> None:
    async with client.results() as results:
        await publish(twin, 1, 1, 2, 1, 3)
        assert [(await anext(results)).quantity for _ in range(3)] == [1, 2, 3]


async def test_what_is_no_result_is_passed_over_and_logged(
    client: OrderClient, twin: AnsweringTwin, caplog: pytest.LogCaptureFixture
) -> None:
    async with client.results() as results:
        await twin.publish_reply(b"rubbish", "till.applied.purchase.A")
        await publish(twin, 1)
        assert (await anext(results)).quantity == 1
    assert "'till.applied.purchase.A' is not a result" in caplog.text


async def test_a_durable_queue_keeps_results_while_nobody_reads(
    client: OrderClient, twin: AnsweringTwin, queue: str
) -> None:
    async with client.results(queue=queue):
        pass
    await publish(twin, 1, 2)
    async with client.results(queue=queue) as results:
        assert [(await anext(results)).quantity for _ in range(2)] == [1, 2]


async def test_a_result_comes_again_to_a_reader_that_did_not_ask_for_the_next(
    client: OrderClient, twin: AnsweringTwin, queue: str
) -> None:
    async with client.results(queue=queue) as results:
        await publish(twin, 1)
        assert (await anext(results)).quantity == 1
        await publish(twin, 2)
        assert (await anext(results)).quantity == 2
    async with client.results(queue=queue) as results:
        assert (await anext(results)).quantity == 2


async def test_an_acknowledged_result_does_not_come_again(client: OrderClient, twin: AnsweringTwin, queue: str) -> None:
    async with client.results(queue=queue) as results:
        await publish(twin, 1)
        await anext(results)
        await results.acknowledge()
    await publish(twin, 2)
    async with client.results(queue=queue) as results:
        assert (await anext(results)).quantity == 2


async def test_a_durable_feed_misses_nothing_and_repeats_nothing_through_cuts(
    far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy, queue: str
) -> None:
    async with far_client.results(queue=queue) as results:
        publishing = asyncio.create_task(publish(twin, *range(1, 301)))
        seen: list[int | None] = []
        while len(seen) < 300:
            seen.append((await anext(results)).quantity)
            if len(seen) in {1, 100, 250}:
                proxy.cut()
        await publishing
    assert sorted(number or 0 for number in seen) == list(range(1, 301))


async def test_a_private_feed_comes_back_after_a_cut(
    far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy
) -> None:
    async with far_client.results() as results:
        proxy.cut()
        waiting = asyncio.create_task(anext(results))
        number = 0
        while not waiting.done():  # what is published before it is back is missed
            number += 1
            await publish(twin, number)
        assert (await waiting).quantity in range(1, number + 1)


async def test_whoever_waits_is_told_that_the_feed_was_closed(client: OrderClient) -> None:
    results = client.results()
    await results.open()
    waiting = asyncio.create_task(anext(results))
    await asyncio.sleep(0)
    await results.close()
    with pytest.raises(ClientClosed):
        await waiting
    with pytest.raises(ClientClosed):
        await anext(results)


async def test_whoever_waits_for_a_broker_that_is_away_is_told_that_the_feed_was_closed(
    far_client: OrderClient, proxy: Proxy
) -> None:
    results = far_client.results()
    await results.open()
    proxy.black_hole()
    proxy.cut()
    waiting = asyncio.create_task(anext(results))
    await asyncio.wait({waiting}, timeout=0.1)
    await results.close()
    await proxy.heal()
    with pytest.raises(ClientClosed):
        await waiting
    await proxy.has_connections(0)


async def test_a_reader_that_gave_up_while_the_broker_was_away_goes_on_when_it_is_back(
    far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy, queue: str
) -> None:
    async with far_client.results(queue=queue) as results:
        proxy.refuse()
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await anext(results)
        await publish(twin, 1)
        await proxy.heal()
        assert (await anext(results)).quantity == 1


async def test_a_feed_that_cannot_be_opened_says_so_at_once(amqp_url: str, proxy: Proxy) -> None:
    with pytest.raises(Unroutable, match="order-worker"):
        await anext(OrderClient(amqp_url).results())
    proxy.refuse()
    with pytest.raises(BrokerUnavailable):
        await anext(OrderClient(proxy.url(amqp_url)).results())
