"""What an operator sees of a running worker: health, figures, logs, and the verbs of the shell."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.listening import answers
from tests.end_to_end.publishing import command
from tests.end_to_end.shop import QUEUE_TIMEOUT_SECONDS, LiveShop
from tests.proxy import Proxy

SKU = "85123A"


async def test_health_checks_tell_a_live_worker_from_a_ready_one(shop: LiveShop, http_port: int) -> None:
    async with Proxy.to(shop.amqp_url) as broker:
        worker = await shop.start_worker(amqp_url=broker.url(shop.amqp_url), http_port=str(http_port))
        assert await _get(http_port, "/healthz") == (200, "ok\n")
        assert await _get(http_port, "/readyz") == (200, "ok\n")
        assert (await _get(http_port, "/"))[0] == 404
        broker.refuse()
        await worker.logged("broker.unavailable")
        assert await _get(http_port, "/readyz") == (503, "the broker is away\n")
        assert await _get(http_port, "/healthz") == (200, "ok\n")
        await broker.heal()
        await worker.logged("worker.working", count=2)
        assert await _get(http_port, "/readyz") == (200, "ok\n")


async def test_metrics_tell_what_was_answered(shop: LiveShop, http_port: int) -> None:
    await shop.start_worker(http_port=str(http_port))
    refused = command("purchase", SKU, 9)
    async with answers(shop.amqp_url) as listener, shop.client() as client, shop.publisher() as publisher:
        await client.restock(SKU, 5, user="till")
        for fields in (refused, {**refused, "quantity": 8}):
            await publisher.send(fields)
        await publisher.send_body(b"rubbish", "partition.00")
        await listener.count(4)
        await client.purchase(SKU, 1, user="till")  # answered after the figures of all before it were noted
    # The lane that set the rubbish aside has nothing in work a moment after its answer.
    async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
        while (figures := await _figures(http_port))["orders_oldest_unprocessed_seconds", ("00",)]:
            """Asking takes as long as a pause would."""
    assert figures["orders_commands_total", ("applied", "", "restock")] == 1
    assert figures["orders_commands_total", ("rejected", "insufficient_stock", "purchase")] == 1
    assert figures["orders_commands_total", ("rejected", "conflict", "purchase")] == 1
    assert figures["orders_conflicts_total", ("command_id",)] == 1
    assert figures["orders_batch_commands_count", ()] >= 2
    assert figures["orders_commit_seconds_count", ()] >= 2
    assert figures["orders_end_to_end_seconds_count", ()] >= 1
    assert figures["orders_partitions_owned", ()] >= 1


async def test_every_log_line_is_a_json_object_with_its_event_and_time(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    async with shop.client() as client:
        await client.restock(SKU, 5, user="till")
    await worker.terminate()
    assert [record["event"] for record in worker.records] == [
        "worker.working",
        "share.changed",
        "lane.claimed",
        "worker.stopped",
    ]
    for record in worker.records:
        assert record["level"] == "info"
        assert datetime.fromisoformat(record["timestamp"]).utcoffset() is not None


async def test_no_log_holds_a_password(shop: LiveShop) -> None:
    secret = "s3cret-of-the-broker"  # noqa: S105
    worker = await shop.launch_worker(
        amqp_url=f"amqp://guest:{secret}@127.0.0.1:1/", database_url=shop.database_url, log_level="debug"
    )
    await worker.logged("broker.unavailable", count=2)
    assert secret not in worker.log


async def test_status_verify_and_rebuild_from_the_shell(shop: LiveShop) -> None:
    worker = await shop.start_worker(worker_name="one")
    async with shop.client() as client:
        await client.restock(SKU, 5, user="till")
    await shop.until_shared()
    status, output = await _order_worker(shop, "status", "--json")
    found = json.loads(output)
    assert (status, found["problems"]) == (0, [])
    assert [(row["owner"], row["consumers"]) for row in found["partitions"] if row["answered"]] == [("one", 1)]
    assert await _order_worker(shop, "verify") == (0, "1 SKUs, 1 events, 1 answers: everything agrees\n")
    await shop.rows("UPDATE stock_levels SET on_hand = 500")
    status, output = await _order_worker(shop, "verify")
    assert status == 1
    assert output == (
        "85123A: stock row: location main: 500 on hand, 0 reserved, version 1; "
        "the events make 5, 0, version 1\n1 SKUs, 1 events, 1 answers: 1 differences\n"
    )
    assert await _order_worker(shop, "rebuild") == (
        0,
        "1 SKUs and orders folded; 1 rows corrected, 0 removed that no event explains\n",
    )
    async with shop.client() as client:
        assert (await client.purchase(SKU, 5, user="till")).available == 0
    await worker.logged("lane.conflicted", kind="fence")  # which is how a lane learns to load afresh


async def _order_worker(shop: LiveShop, *arguments: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("order-worker")),
        *arguments,
        stdout=PIPE,
        env={"ORDERS_AMQP_URL": shop.amqp_url, "ORDERS_DATABASE_URL": shop.database_url},
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def _get(port: int, path: str) -> tuple[int, str]:
    def get() -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    return await asyncio.to_thread(get)


async def _figures(port: int) -> dict[tuple[str, tuple[str, ...]], float]:
    _, text = await _get(port, "/metrics")
    return {  # labels come sorted by their names
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
