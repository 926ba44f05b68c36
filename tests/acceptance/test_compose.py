"""`docker compose up --scale worker=3`, seen by a publisher that knows only the wire."""

import asyncio
import json
import uuid
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractQueue

from schemas.names import COMMANDS_EXCHANGE, JSON_CONTENT_TYPE, REPLIES_EXCHANGE
from tests.acceptance.stack import Stack

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

ANSWER_TIMEOUT_SECONDS = 30.0


async def test_a_restock_and_two_purchases_are_answered(stack: Stack) -> None:
    sku = "85123A"
    restock, purchase, excess = (
        {"type": kind, "command_id": str(uuid.uuid4()), "sku": sku, "quantity": quantity, "user": "acceptance"}
        for kind, quantity in (("restock", 5), ("purchase", 3), ("purchase", 3))
    )
    answers = await _answers(stack.amqp_url, [restock, purchase, excess])
    assert [(answer["command_id"], answer["outcome"], answer["available"]) for answer in answers] == [
        (restock["command_id"], "applied", 5),
        (purchase["command_id"], "applied", 2),
        (excess["command_id"], "rejected", 2),
    ]


def test_three_workers_are_healthy_and_the_migration_is_done(stack: Stack) -> None:
    assert [worker["Health"] for worker in stack.containers("worker")] == ["healthy"] * 3
    assert [(migration["State"], migration["ExitCode"]) for migration in stack.containers("migration")] == [
        ("exited", 0)
    ]


def test_a_worker_runs_without_privileges(stack: Stack) -> None:
    assert stack.run_in_worker("id", "--user").strip() == "10001"


def test_a_worker_is_measured_from_outside_its_container(stack: Stack) -> None:
    fetch = (
        "import urllib.request; print(urllib.request.urlopen('http://worker:8080/metrics', timeout=5).read().decode())"
    )
    assert "orders_partitions_owned" in stack.run_in_worker("python3", "-c", fetch)


async def _answers(amqp_url: str, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Publish commands of one SKU under the SKU, as a client that does not hash, and return their answers."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        replies = await channel.declare_queue(exclusive=True)
        await replies.bind(REPLIES_EXCHANGE, "acceptance.#")
        exchange = await channel.get_exchange(COMMANDS_EXCHANGE)
        for command in commands:
            await exchange.publish(_message(command), command["sku"])
        return await _first(replies, len(commands))


def _message(command: dict[str, Any]) -> aio_pika.Message:
    return aio_pika.Message(
        json.dumps(command).encode(),
        content_type=JSON_CONTENT_TYPE,
        correlation_id=command["command_id"],
        message_id=uuid.uuid4().hex,
        reply_to="acceptance",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )


async def _first(queue: AbstractQueue, count: int) -> list[dict[str, Any]]:
    bodies: list[dict[str, Any]] = []
    async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS), queue.iterator(no_ack=True) as messages:
        async for message in messages:
            bodies.append(json.loads(message.body))
            if len(bodies) == count:
                break
    return bodies
