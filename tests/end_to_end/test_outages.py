"""Servers that go away and come back: the worker goes on by itself, and nothing is lost or done twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import aio_pika
import pytest

from schemas import Restock, Result
from schemas.names import DEAD_LETTERS_EXCHANGE, DEAD_LETTERS_QUEUE, REPLIES_EXCHANGE
from schemas.partitions import partition_of, partition_queue
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import PARTITION_COUNT, LiveShop
from tests.end_to_end.worker_process import WorkerProcess
from tests.proxy import Proxy

SKU = "85123A"
HEARTBEAT_SECONDS = "1"
"""Only where silence must be noticed: a process that gets no turn for two of them is taken for silent, too."""
RESTOCKS = 300
DELETIONS = 5
ROUNDS = 3


@pytest.fixture
async def broker(amqp_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.to(amqp_url) as proxy:
        yield proxy


@pytest.fixture
async def database(migrated_database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.to(migrated_database_url) as proxy:
        yield proxy


@pytest.fixture
async def worker(shop: LiveShop, broker: Proxy, database: Proxy) -> WorkerProcess:
    """Give a worker that has both servers behind a proxy."""
    return await shop.start_worker(amqp_url=broker.url(shop.amqp_url), database_url=database.url(shop.database_url))


async def test_the_broker_cut_off_again_and_again_under_load(
    shop: LiveShop, worker: WorkerProcess, broker: Proxy
) -> None:
    await _restock_and_break(shop, broker.cut)
    await worker.logged("worker.working", count=1 + ROUNDS)


async def test_the_database_cut_off_again_and_again_under_load(
    shop: LiveShop, worker: WorkerProcess, database: Proxy
) -> None:
    await _restock_and_break(shop, database.cut)
    await worker.logged("lane.retried", count=ROUNDS)


async def test_the_broker_away_for_a_while(shop: LiveShop, worker: WorkerProcess, broker: Proxy) -> None:
    broker.refuse()
    await worker.logged("broker.unavailable", count=2)
    async with shop.client() as client:
        waiting = asyncio.create_task(client.restock(SKU, 5, user="till"))
        await broker.heal()
        assert (await waiting).available == 5


async def test_the_database_away_for_a_while_leaves_commands_unacknowledged(
    shop: LiveShop, worker: WorkerProcess, database: Proxy
) -> None:
    async with shop.client() as client:
        await client.restock(SKU, 5, user="till")
        database.refuse()
        waiting = asyncio.create_task(client.purchase(SKU, 3, user="till"))
        await worker.logged("lane.retried", count=3, what="commit")
        assert not waiting.done()
        await database.heal()
        assert (await waiting).available == 2


async def test_a_worker_started_before_its_servers_waits_for_both(
    shop: LiveShop, broker: Proxy, database: Proxy
) -> None:
    broker.refuse()
    database.refuse()
    worker = await shop.launch_worker(amqp_url=broker.url(shop.amqp_url), database_url=database.url(shop.database_url))
    await worker.logged("database.unavailable", count=2)
    await database.heal()
    await worker.logged("broker.unavailable", count=2)
    await broker.heal()
    await worker.logged("worker.working")


async def test_a_broker_that_swallows_every_byte_is_given_up(shop: LiveShop, broker: Proxy) -> None:
    worker = await shop.start_worker(amqp_url=broker.url(shop.amqp_url), heartbeat_seconds=HEARTBEAT_SECONDS)
    async with shop.client() as client:
        await client.restock(SKU, 5, user="till")
        broker.black_hole()
        waiting = asyncio.create_task(client.purchase(SKU, 3, user="till"))
        await worker.logged("broker.unavailable")  # after two heartbeats, and a connection that was not answered
        await broker.heal()
        assert (await waiting).available == 2


async def test_a_deleted_queue_is_declared_and_consumed_again(shop: LiveShop, worker: WorkerProcess) -> None:
    queue = partition_queue(partition_of(SKU, PARTITION_COUNT))
    async with shop.client() as client:
        await client.restock(SKU, 5, user="till")
        await _delete_queue(shop.amqp_url, queue)
        closed = await worker.logged("source.closed", queue=queue)
        assert "was its queue deleted?" in closed["why"]
        await worker.logged("source.unavailable", queue=queue)
        await shop.until_consumed(queue)
        assert (await client.purchase(SKU, 3, user="till")).available == 2


@pytest.mark.usefixtures("worker")
async def test_a_queue_that_is_deleted_while_commands_come_is_consumed_again(shop: LiveShop) -> None:
    # The ingress finds it missing at once, before the broker has cancelled the lane's consumer.
    queue = partition_queue(partition_of(SKU, PARTITION_COUNT))
    async with shop.client() as client:
        await client.restock(SKU, DELETIONS, user="till")
        for left in reversed(range(DELETIONS)):
            await _delete_queue(shop.amqp_url, queue)
            assert (await client.purchase(SKU, 1, user="till")).available == left


async def test_a_reply_exchange_that_was_deleted_is_declared_again(shop: LiveShop, worker: WorkerProcess) -> None:
    async with shop.client() as client:
        await client.restock(SKU, 5, user="till")
        await _delete_exchange(shop.amqp_url, REPLIES_EXCHANGE)
        await client.send(Restock(command_id=uuid4(), sku=SKU, quantity=1, user="till"))
        await worker.logged("topology.mended")
    async with shop.client() as client:
        assert (await client.purchase(SKU, 3, user="till")).available == 3


@pytest.mark.usefixtures("worker")
async def test_a_dead_letter_queue_that_was_deleted_is_declared_again(shop: LiveShop) -> None:
    # By the collector that has lost it, or by the lane that finds it missing: whoever comes first.
    async with shop.client() as client, shop.publisher() as publisher:
        await client.restock(SKU, 5, user="till")
        await _delete_queue(shop.amqp_url, DEAD_LETTERS_QUEUE)
        await publisher.send(command("purchase", SKU, 0))
        await shop.until_consumed(DEAD_LETTERS_QUEUE)
        assert (await client.purchase(SKU, 3, user="till")).available == 2


async def test_a_dead_letter_queue_that_was_unbound_is_bound_again(shop: LiveShop, worker: WorkerProcess) -> None:
    async with shop.client() as client, shop.publisher() as publisher:
        await client.restock(SKU, 5, user="till")
        await _unbind_queue(shop.amqp_url, DEAD_LETTERS_QUEUE, DEAD_LETTERS_EXCHANGE)
        await publisher.send(command("purchase", SKU, 0))
        await worker.logged("topology.mended")
        assert (await client.purchase(SKU, 3, user="till")).available == 2


async def _restock_and_break(shop: LiveShop, break_connections: Callable[[], None]) -> None:
    """Send units in bulk, break the connections at the first answer of each round, and count what came of it."""
    async with shop.client() as client:
        for _ in range(ROUNDS + 1):
            commands = [Restock(command_id=uuid4(), sku=SKU, quantity=1, user="till") for _ in range(RESTOCKS)]
            results = list[Result]()
            async for answered in client.request_many(commands):
                if not results:
                    break_connections()
                results.append(answered.result)
            assert all(result.applied for result in results)
    assert await shop.on_hand(SKU) == (ROUNDS + 1) * RESTOCKS
    assert len(await shop.rows("SELECT FROM audit_log")) == (ROUNDS + 1) * RESTOCKS


async def _delete_queue(amqp_url: str, queue: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(queue)


async def _unbind_queue(amqp_url: str, queue: str, exchange: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await (await channel.get_queue(queue)).unbind(exchange, "#")


async def _delete_exchange(amqp_url: str, exchange: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.exchange_delete(exchange)
