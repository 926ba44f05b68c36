"""A worker that is stopped in its tracks, replaced, and woken again."""

import asyncio
import sys
from uuid import uuid4

from schemas import Restock
from tests.end_to_end.listening import answers
from tests.end_to_end.shop import LiveShop
from worker.event_store import PartitionStore

BACKLOG = 4_000
HEARTBEAT_SECONDS = "2"
SLEEPING_WORKER = (sys.executable, "-m", "tests.end_to_end.sleeping_worker")


async def test_a_statement_under_a_stale_epoch_writes_nothing(shop: LiveShop) -> None:
    sleeper = await shop.start_worker(SLEEPING_WORKER)
    await sleeper.latest("share.changed", workers=1)
    async with shop.client() as client:
        asking = asyncio.create_task(client.restock("85123A", 5, user="warehouse"))
        claimed = await sleeper.logged("lane.claimed")
        await sleeper.stopped()  # with the command decided
        successor = PartitionStore(shop.database_url)
        await successor.claim(claimed["partition"], "one that has not decided anything yet")
        await successor.close()
        sleeper.resume()
        fenced = await sleeper.logged("lane.conflicted", kind="fence")
        assert "epoch 1 is stale" in fenced["error"]
        assert (await asking).available == 5
    assert (await sleeper.logged("lane.claimed", count=2))["epoch"] == 3
    assert len(await shop.rows("SELECT FROM audit_log")) == 1


async def test_a_statement_that_was_slept_over_changes_nothing(shop: LiveShop) -> None:
    sleeper = await shop.start_worker(SLEEPING_WORKER, heartbeat_seconds=HEARTBEAT_SECONDS)
    await sleeper.latest("share.changed", workers=1)
    async with shop.client() as client:
        asking = asyncio.create_task(client.restock("85123A", 5, user="warehouse", timeout_seconds=60))
        await sleeper.logged("lane.claimed")
        successor = await shop.start_worker()
        assert (await asking).available == 5
        await successor.logged("lane.claimed", epoch=2)
        sleeper.resume()
        await sleeper.logged("worker.working", count=2)
        for worker in (sleeper, successor):
            await worker.latest("share.changed", workers=2)
        assert (await client.purchase("85123A", 1, user="till")).available == 4
    assert len(await shop.rows("SELECT FROM audit_log")) == 2


async def test_a_buffer_that_was_slept_over_is_thrown_away(shop: LiveShop) -> None:
    commands = [Restock(command_id=uuid4(), sku="85123A", quantity=1, user="till") for _ in range(BACKLOG)]
    sleeper = await shop.start_worker(heartbeat_seconds=HEARTBEAT_SECONDS)
    async with answers(shop.amqp_url) as listener, shop.client() as client:
        await client.send_many(commands)
        await listener.count(1)
        sleeper.pause()
        successor = await shop.start_worker()
        await listener.answers_to({str(command.command_id) for command in commands})
        sleeper.resume()
        await sleeper.logged("worker.working", count=2)
        for worker in (sleeper, successor):
            await worker.latest("share.changed", workers=2)
    # Some answers may have come twice, all alike; nothing took effect twice or out of order.
    assert {len(set(bodies)) for bodies in listener.bodies_by_id.values()} == {1}
    rows = await shop.rows("SELECT command_id FROM events ORDER BY version")
    assert [row["command_id"] for row in rows] == [command.command_id for command in commands]
