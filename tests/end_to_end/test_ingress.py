"""Commands of clients that do not hash."""

import asyncio
from uuid import uuid4

from schemas import Purchase, Restock
from tests.end_to_end.listening import answers
from tests.end_to_end.shop import LiveShop

COMMANDS = 300


async def test_commands_published_under_their_sku_take_effect_in_their_order(shop: LiveShop) -> None:
    skus = [f"SKU-{number}" for number in range(5)]
    commands = [
        (Restock if number % 2 else Purchase)(command_id=uuid4(), sku=skus[number % 5], quantity=1, user="till")
        for number in range(COMMANDS)
    ]
    await shop.start_worker()
    await shop.start_worker()
    async with answers(shop.amqp_url) as listener, shop.client(hash_on_client=False) as client:
        await client.send_many(commands)
        await listener.answers_to({str(command.command_id) for command in commands})
    rows = await shop.rows("SELECT command_id FROM commands ORDER BY answer ->> 'sku', sequence")
    expected = sorted(commands, key=lambda command: command.sku)  # stable: the order of each SKU stays
    assert [row["command_id"] for row in rows] == [command.command_id for command in expected]


async def test_a_sku_that_looks_like_nothing_else_is_found_its_partition(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client(hash_on_client=False) as client:
        results = await asyncio.gather(
            *(client.restock(sku, 1, user="till") for sku in ("Ä", "#", "*", "a.b", "partition.99", "x" * 100))
        )
    assert all(result.applied for result in results)
