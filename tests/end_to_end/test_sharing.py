"""Workers share the partitions evenly, and hand them over without losing, doubling or reordering anything."""

import asyncio
from uuid import uuid4

import asyncpg

from publisher import OrderClient
from schemas import Restock
from tests.end_to_end.shop import LiveShop
from tests.end_to_end.worker_process import WorkerProcess
from tests.proxy import Proxy
from worker.operations.status import problems_of, status

SKUS = [f"SKU-{number}" for number in range(12)]


async def test_workers_share_the_partitions_as_they_come_and_go(shop: LiveShop) -> None:
    workers = [await shop.start_worker() for _ in range(3)]
    assert await _share_sizes(shop, workers) == [1, 1, 2]
    await workers.pop().kill()
    assert await _share_sizes(shop, workers) == [2, 2]
    await workers.pop().terminate()
    assert await _share_sizes(shop, workers) == [4]


async def test_more_workers_than_partitions(shop: LiveShop) -> None:
    workers = [await shop.launch_worker() for _ in range(6)]
    assert await _share_sizes(shop, workers) == [0, 0, 1, 1, 1, 1]


async def test_nothing_moves_while_nothing_changes(shop: LiveShop) -> None:
    workers = [await shop.start_worker() for _ in range(3)]
    await _share_sizes(shop, workers)
    await shop.until_shared()
    before = [len(worker.records_of("share.changed")) for worker in workers]
    connection = await asyncpg.connect(shop.database_url)
    found = await status(connection, shop.amqp_url)  # looks for longer than workers take to ask for each other
    await connection.close()
    assert problems_of(found) == []
    assert [len(worker.records_of("share.changed")) for worker in workers] == before


async def test_five_workers_that_lost_the_broker_at_once_share_again(shop: LiveShop) -> None:
    async with Proxy.to(shop.amqp_url) as broker:
        workers = [await shop.launch_worker(amqp_url=broker.url(shop.amqp_url)) for _ in range(5)]
        assert await _share_sizes(shop, workers) == [0, 1, 1, 1, 1]
        before = [len(worker.records_of("share.changed")) for worker in workers]
        broker.cut()
        for worker, count in zip(workers, before, strict=True):
            await worker.logged("share.changed", count=count + 1)
        assert await _share_sizes(shop, workers) == [0, 1, 1, 1, 1]


async def test_a_worker_that_joins_or_leaves_under_load_reorders_nothing(shop: LiveShop) -> None:
    commands = [
        Restock(command_id=uuid4(), sku=SKUS[number % len(SKUS)], quantity=1, user="warehouse")
        for number in range(3_000)
    ]
    first = await shop.start_worker()
    async with shop.client() as client:
        answering = asyncio.create_task(_answered(client, commands))
        await first.logged("lane.claimed")
        second = await shop.start_worker()
        for worker in (first, second):
            await worker.latest("share.changed", workers=2)
        third = await shop.start_worker()
        await third.latest("share.changed", workers=3)
        assert await first.terminate() == 0
        await second.latest("share.changed", workers=2)
        await third.kill()
        assert await answering == len(commands)
    for sku in SKUS:
        rows = await shop.rows("SELECT command_id FROM events WHERE aggregate_id = $1 ORDER BY version", sku)
        sent = [command.command_id for command in commands if command.sku == sku]
        assert [row["command_id"] for row in rows] == sent


async def _answered(client: OrderClient, commands: list[Restock]) -> int:
    count = 0
    async for answered in client.request_many(commands, timeout_seconds=60):
        assert answered.result.applied
        count += 1
    return count


async def _share_sizes(shop: LiveShop, workers: list[WorkerProcess]) -> list[int]:
    """Wait until all agree on who is there; check that each partition is with one; return how many each has."""
    records = [await worker.latest("share.changed", workers=len(workers)) for worker in workers]
    shares = [record["partitions"] for record in records]
    assert sorted(partition for share in shares for partition in share) == list(range(shop.partition_count))
    return sorted(len(share) for share in shares)
