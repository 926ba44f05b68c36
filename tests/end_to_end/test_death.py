"""Workers that are taken away at the worst moments."""

import asyncio
import signal
from uuid import uuid4

import pytest

from publisher import OrderClient
from schemas import Restock
from tests.end_to_end.listening import Listener, answers
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import LiveShop

BACKLOG = 500


@pytest.mark.parametrize(("point", "copies"), [("committed", 1), ("published", 2)])
async def test_a_worker_killed_before_it_acknowledged_leaves_one_effect_and_one_answer(
    shop: LiveShop, point: str, copies: int
) -> None:
    restock = command("restock", "85123A", 5)
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await publisher.send(restock)
        dying = await shop.start_dying_worker(point)
        assert await dying.ended() == -signal.SIGKILL
        assert await shop.on_hand("85123A") == 5  # the effect is there, the acknowledgement is not
        await listener.count(copies - 1)
        await shop.start_worker()
        await listener.count(copies)
        await _settled(listener, shop)
    bodies = listener.bodies_by_id[restock["command_id"]]
    assert (len(bodies), len(set(bodies))) == (copies, 1)
    assert await shop.on_hand("85123A") == 5
    assert len(await shop.rows("SELECT FROM audit_log")) == 1


async def test_a_backlog_survives_two_deaths_in_its_order(shop: LiveShop) -> None:
    commands = [Restock(command_id=uuid4(), sku="85123A", quantity=1, user="warehouse") for _ in range(BACKLOG)]
    async with answers(shop.amqp_url) as listener, shop.client() as client:
        await client.send_many(commands)
        for point in ("committed", "published"):
            assert await (await shop.start_dying_worker(point)).ended() == -signal.SIGKILL
        await shop.start_worker()
        await listener.answers_to({str(command.command_id) for command in commands})
    assert {len(set(bodies)) for bodies in listener.bodies_by_id.values()} == {1}
    rows = await shop.rows("SELECT command_id FROM commands ORDER BY sequence")
    assert [row["command_id"] for row in rows] == [command.command_id for command in commands]


async def test_a_killed_worker_is_followed_by_the_one_beside_it(shop: LiveShop) -> None:
    first = await shop.start_worker()
    await shop.start_worker()
    async with shop.client() as client:
        sending = asyncio.create_task(_restock_one_by_one(client, "85123A", 60))
        await client.restock("85123A", 1, user="warehouse")
        await first.kill()
        await sending
    assert await shop.on_hand("85123A") == 61


async def test_a_worker_that_slept_through_its_replacement_writes_nothing(shop: LiveShop) -> None:
    sleeper = await shop.start_worker(heartbeat_seconds="1")
    async with shop.client() as client:
        await client.restock("85123A", 5, user="warehouse")
        sleeper.pause()
        successor = await shop.start_worker()
        assert (await client.purchase("85123A", 3, user="till", timeout_seconds=60)).available == 2
        await successor.logged("lane.claimed")
        sleeper.resume()
        await sleeper.logged("worker.working", count=2)
        assert (await client.purchase("85123A", 1, user="till")).available == 1


async def _restock_one_by_one(client: OrderClient, sku: str, count: int) -> None:
    for number in range(count):
        result = await client.restock(sku, 1, user=f"warehouse {number}", timeout_seconds=60)
        assert result.applied


async def _settled(listener: Listener, shop: LiveShop) -> None:
    """Let a last command of the SKU be refused: whatever would come before it has come then."""
    async with shop.publisher() as publisher:
        last = command("purchase", "85123A", 1, location="nowhere")
        await publisher.send(last)
        await listener.answers_to({last["command_id"]})
