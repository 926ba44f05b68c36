"""`order-worker status` beside real workers."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from tests.end_to_end.shop import LiveShop

ALL_IS_WELL, PROBLEM, UNAVAILABLE = 0, 1, 5
STATUS_COMMAND = (str(Path(sys.executable).with_name("order-worker")), "status")


async def status(shop: LiveShop, *flags: str, amqp_url: str | None = None) -> tuple[int, str]:
    """Return the exit status and what was printed."""
    settings = {"ORDERS_AMQP_URL": amqp_url or shop.amqp_url, "ORDERS_DATABASE_URL": shop.database_url}
    process = await asyncio.create_subprocess_exec(
        *STATUS_COMMAND, *flags, stdout=PIPE, stderr=PIPE, env={**os.environ, **settings}
    )
    printed, complaint = await process.communicate()
    assert process.returncode is not None
    return process.returncode, (printed + complaint).decode()


async def document(shop: LiveShop) -> tuple[int, dict[str, Any]]:
    """Return the exit status and the document."""
    code, printed = await status(shop, "--json")
    return code, json.loads(printed)


async def test_each_partition_has_its_owner_and_each_worker_its_partitions(shop: LiveShop) -> None:
    workers = [await shop.start_worker(worker_name=name) for name in ("anne", "bert")]
    shares = [(await worker.latest("share.changed", workers=2))["partitions"] for worker in workers]
    await shop.until_shared()
    async with shop.client() as client:
        await client.restock("85123A", 5, user="till")
    code, found = await document(shop)
    assert (code, found["problems"]) == (ALL_IS_WELL, [])
    assert [(worker["name"], worker["partitions"]) for worker in found["workers"]] == list(
        zip(("anne", "bert"), shares, strict=True)
    )
    for partition in found["partitions"]:
        assert partition["owner"] == ("anne" if partition["partition"] in shares[0] else "bert")
        assert (partition["backlog"], partition["oldest_seconds"]) == (0, None)
    assert sum(partition["epoch"] for partition in found["partitions"]) == 1
    code, printed = await status(shop)
    assert code == ALL_IS_WELL
    assert "no problems" in printed


async def test_a_worker_that_hangs_or_is_dead_does_not_look_alive(shop: LiveShop) -> None:
    workers = [await shop.start_worker(worker_name=name) for name in ("anne", "bert")]
    for worker in workers:
        await worker.latest("share.changed", workers=2)
    await shop.until_shared()
    workers[0].pause()
    code, found = await document(shop)
    assert code == PROBLEM
    assert {problem["kind"] for problem in found["problems"]} == {"silent_worker", "no_owner"}
    assert [(worker["name"], worker["answers"]) for worker in found["workers"]] == [("anne", False), ("bert", True)]
    await workers[0].kill()
    await workers[1].latest("share.changed", workers=1)
    await shop.until_shared()
    code, found = await document(shop)
    assert (code, [worker["name"] for worker in found["workers"]]) == (ALL_IS_WELL, ["bert"])


async def test_what_waits_and_what_went_wrong_is_told(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    await worker.latest("share.changed", workers=1)
    await shop.rows("ALTER TABLE commands RENAME TO moved")
    async with shop.client() as client:
        waiting = asyncio.create_task(client.restock("85123A", 5, user="till"))
        await worker.logged("lane.retried", what="commit")
        _, found = await document(shop)
        await shop.rows("ALTER TABLE moved RENAME TO commands")
        assert (await waiting).available == 5
    (partition,) = [partition for partition in found["partitions"] if partition["backlog"]]
    assert partition["backlog"] == 1
    assert partition["oldest_seconds"] > 0
    assert "commands" in partition["last_error"]["message"]


async def test_workers_of_one_name_share_all_the_same_and_it_is_said(shop: LiveShop) -> None:
    workers = [await shop.start_worker(worker_name="worker") for _ in range(2)]
    for worker in workers:
        await worker.latest("share.changed", workers=2)
    await shop.until_shared()
    code, found = await document(shop)
    assert (code, [problem["kind"] for problem in found["problems"]]) == (PROBLEM, ["same_name"])
    assert sorted(len(worker["partitions"]) for worker in found["workers"]) == [2, 2]


async def test_a_broker_that_is_away_is_said(shop: LiveShop) -> None:
    code, printed = await status(shop, amqp_url="amqp://guest:guest@127.0.0.1:1/")
    assert code == UNAVAILABLE
    assert "broker at" in printed
