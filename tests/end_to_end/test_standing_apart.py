"""Workers that must not share, or cannot work: they keep apart, and say so."""

import asyncio

import asyncpg

from tests.end_to_end.shop import QUEUE_TIMEOUT_SECONDS, LiveShop
from tests.proxy import Proxy
from tests.services.databases import fresh_database
from worker.database.migrator import migrate
from worker.operations.status import ProblemKind, problems_of, status

MISMATCH = 6
SKU = "85123A"


async def test_a_worker_of_another_database_does_not_join(shop: LiveShop) -> None:
    ours = await shop.start_worker()
    await ours.latest("share.changed", workers=1)
    async with fresh_database(shop.database_url) as other_url:
        await migrate(other_url)
        stranger = await shop.launch_worker(database_url=other_url)
        assert await stranger.ended() == MISMATCH
    assert "works on another database" in stranger.log
    async with shop.client() as client:
        assert (await client.restock(SKU, 5, user="till")).available == 5
    assert len(ours.records_of("share.changed")) == 1


async def test_a_worker_that_lost_its_database_leaves_its_share_and_comes_back(shop: LiveShop) -> None:
    async with Proxy.to(shop.database_url) as database:
        cut_off = await shop.start_worker(database_url=database.url(shop.database_url))
        other = await shop.start_worker()
        for worker in (cut_off, other):
            await worker.latest("share.changed", workers=2)
        database.refuse()
        await cut_off.logged("share.stepped_aside")
        await cut_off.latest("share.changed", partitions=[])
        await other.latest("share.changed", partitions=list(range(shop.partition_count)))
        async with shop.client() as client:
            for number in range(20):  # of every partition
                assert (await client.restock(f"SKU-{number}", 5, user="till")).available == 5
        await shop.until_shared()
        connection = await asyncpg.connect(shop.database_url)
        # It is waited for a moment only, because nobody tells of it; on a busy machine it may answer later.
        async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
            while len((found := await status(connection, shop.amqp_url)).workers) < 2:
                """Asking takes a second."""
        await connection.close()
        assert [problem.kind for problem in problems_of(found)] == [ProblemKind.DATABASE_AWAY]
        assert sorted(len(worker.partitions) for worker in found.workers) == [0, shop.partition_count]
        await database.heal()
        for worker in (cut_off, other):
            await worker.latest("share.changed", workers=2)


async def test_a_lone_worker_that_lost_its_database_goes_on_when_it_is_back(shop: LiveShop) -> None:
    async with Proxy.to(shop.database_url) as database:
        worker = await shop.start_worker(database_url=database.url(shop.database_url))
        await worker.latest("share.changed", workers=1)
        database.black_hole()
        await worker.logged("share.stepped_aside")
        async with shop.client() as client:
            await database.heal()
            assert (await client.restock(SKU, 5, user="till", timeout_seconds=60)).available == 5
