"""Whole orders as a shop asks for them: `client.place_order`, `order-publisher order`, `import --orders`."""

import asyncio
import json
from pathlib import Path

from publisher import OrderRecords
from publisher.derived_ids import placing_id
from schemas.reasons import Reason
from tests.end_to_end.ordering import stocked, told
from tests.end_to_end.shop import PARTITION_COUNT, LiveShop
from tests.publisher.command_line.program import Finished, run

LOG = """\
order_id,sku,quantity,user
1,A,3,ann
2,B,3,
1,B,3,ann
C3,B,-2,ann
4,B,3,
"""


async def program(shop: LiveShop, *arguments: str) -> Finished:
    return await run(
        *arguments,
        ORDERS_AMQP_URL=shop.amqp_url,
        ORDERS_DATABASE_URL=shop.database_url,
        ORDERS_PARTITIONS=str(PARTITION_COUNT),
    )


async def test_an_order_is_placed_again_and_too_late_to_be_cancelled(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client, OrderRecords(shop.database_url) as records:
        await stocked(client, {"A": 5, "B": 5})
        lines = [("B", 2), ("A", 1), ("A", 2)]
        placed = await asyncio.gather(*(client.place_order("1700", lines, user="web") for _ in range(5)))
        assert told(placed[0]) == [("A", 3, 3, None), ("B", 2, 2, None)]
        assert all(result == placed[0] for result in placed)
        assert await records.stored_result(placing_id("1700")) == placed[0]
        assert (await client.place_order("1700", [("A", 1)], user="web")).reason is Reason.CONFLICT
        assert (await client.cancel_order("1700", user="web")).reason is Reason.ORDER_COMPLETED
        assert (await client.cancel_order("1701", user="web")).reason is Reason.UNKNOWN_ORDER


async def test_an_order_from_the_shell_and_its_stored_answer(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5})
    refused = await program(shop, "order", "--line", "A:3", "--line", "B:1", "--order-id", "1", "--user", "web")
    assert (refused.exit_code, refused.errors) == (1, "")
    assert ["B", "main", "1", "0", "insufficient_stock"] in [line.split() for line in refused.output.splitlines()]
    partly = ("order", "--line", "A:6", "--line", "B:1", "--order-id", "2", "--user", "web", "--allow-partial")
    sold = await program(shop, *partly)
    assert sold.exit_code == 0
    assert ["A", "main", "6", "5", "insufficient_stock"] in [line.split() for line in sold.output.splitlines()]
    stored = await program(shop, "result", str(placing_id("2")))
    assert stored == sold


async def test_a_log_of_orders_is_imported_twice_and_applied_once(shop: LiveShop, tmp_path: Path) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 5, "B": 4})
    log = tmp_path / "log.csv"
    log.write_text(LOG)
    first, again = [await program(shop, "import", str(log), "--orders", "--at-once", "1", "--json") for _ in range(2)]
    assert (first.exit_code, first.errors) == (0, "")
    assert json.loads(first.output)["orders"] == json.loads(again.output)["orders"]
    assert json.loads(first.output)["orders"] == [
        {"outcome": "applied", "reason": None, "orders": 2, "lines": 2, "sold_lines": 2, "units": 6, "sold_units": 6},
        {
            "outcome": "rejected",
            "reason": "insufficient_stock",
            "orders": 1,
            "lines": 2,
            "sold_lines": 0,
            "units": 6,
            "sold_units": 0,
        },
    ]
    await shop.until_settled()
    assert (await shop.levels("A"), await shop.levels("B")) == ({"main": (5, 0)}, {"main": (0, 0)})


async def test_one_order_id_with_two_bodies_at_once_gets_each_its_own_answer(shop: LiveShop) -> None:
    await shop.start_worker()
    async with shop.client() as client:
        await stocked(client, {"A": 50})
        for number in range(5):
            bodies = [client.place_order(str(number), [("A", units)], user="web") for units in (1, 2, 1, 2)]
            results = await asyncio.gather(*bodies)
            assert [result.lines[0].quantity for result in results] == [1, 2, 1, 2]
            assert sorted(str(result.reason) for result in results) == ["None", "None", "conflict", "conflict"]
