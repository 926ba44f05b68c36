"""SIGTERM: finish, acknowledge, leave."""

from uuid import uuid4

from schemas import Restock
from tests.end_to_end.listening import answers
from tests.end_to_end.shop import LiveShop

COMMANDS = 3_000


async def test_a_worker_that_is_asked_to_stop_acknowledges_what_it_answered(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    async with shop.client() as client:
        await client.restock("85123A", 5, user="till")
    assert await worker.terminate() == 0
    assert worker.records[-1]["event"] == "worker.stopped"
    assert await shop.waiting() == 0


async def test_an_idle_worker_stops(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    assert await worker.terminate() == 0


async def test_a_worker_that_waits_for_its_broker_stops(shop: LiveShop) -> None:
    worker = await shop.launch_worker(amqp_url="amqp://guest:guest@127.0.0.1:1/")
    await worker.logged("broker.unavailable")
    assert await worker.terminate() == 0


async def test_a_handover_under_load_keeps_the_order_and_answers_once(shop: LiveShop) -> None:
    commands = [Restock(command_id=uuid4(), sku="85123A", quantity=1, user="till") for _ in range(COMMANDS)]
    first = await shop.start_worker()
    await shop.start_worker()
    async with answers(shop.amqp_url) as listener, shop.client() as client:
        await client.send_many(commands)
        await listener.count(1)
        assert await first.terminate() == 0
        await listener.answers_to({str(command.command_id) for command in commands})
    # Nothing was left unacknowledged: every answer was sent once, and in the order of the queue.
    assert [message.correlation_id for message in listener.messages] == [
        str(command.command_id) for command in commands
    ]


async def test_starts_and_stops_lose_nothing(shop: LiveShop) -> None:
    commands = [Restock(command_id=uuid4(), sku="85123A", quantity=1, user="till") for _ in range(150)]
    async with answers(shop.amqp_url) as listener, shop.client() as client:
        for start in range(3):
            await client.send_many(commands[start * 50 : start * 50 + 50])
            worker = await shop.start_worker()
            assert await worker.terminate() == 0
        await shop.start_worker()
        await listener.answers_to({str(command.command_id) for command in commands})
    assert await shop.on_hand("85123A") == 150
