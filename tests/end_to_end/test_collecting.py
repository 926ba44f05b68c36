"""What the broker gives up on: collected by running workers, each once, and answered."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import aio_pika
import pytest
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel

from schemas.commands import Restock, encode_command
from schemas.names import COMMANDS_EXCHANGE, DEAD_LETTERS_EXCHANGE, DEAD_LETTERS_QUEUE
from schemas.partitions import partition_of, partition_queue, partition_routing_key
from tests.end_to_end.listening import Listener, answers
from tests.end_to_end.shop import PARTITION_COUNT, LiveShop
from worker.broker.queue_counts import count_queues

SKU = "85123A"
PARTITION = partition_of(SKU, PARTITION_COUNT)
KEY, QUEUE = partition_routing_key(PARTITION), partition_queue(PARTITION)
COPIES = 40


@asynccontextmanager
async def opened(shop: LiveShop) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(shop.amqp_url) as connection:
        yield await connection.channel()


def message(**properties: object) -> Message:
    command = Restock(command_id=uuid4(), sku=SKU, quantity=1, user="till")
    return Message(
        encode_command(command),
        delivery_mode=DeliveryMode.PERSISTENT,
        correlation_id=str(command.command_id),
        reply_to="till",
        **properties,  # type: ignore[arg-type]
    )


async def expire(shop: LiveShop, count: int) -> set[str]:
    """Let the broker give up so many commands; return their ids."""
    sent = [message(expiration=0.001) for _ in range(count)]
    async with opened(shop) as channel:
        exchange = await channel.get_exchange(COMMANDS_EXCHANGE)
        for each in sent:
            await exchange.publish(each, KEY)
    await until_ready(shop, lambda ready: ready == count)
    return {each.correlation_id or "" for each in sent}


async def until_ready(shop: LiveShop, enough: Callable[[int], bool]) -> None:
    while not enough((await count_queues(shop.amqp_url, [DEAD_LETTERS_QUEUE]))[0].ready):
        """Asking takes as long as a pause would."""


async def letters(shop: LiveShop) -> list[tuple[str, str, str]]:
    """Return command id, state and reason of every letter."""
    rows = await shop.rows("SELECT command_id, state, reason FROM dead_letters ORDER BY letter_id")
    return [(str(row["command_id"]), row["state"], row["reason"]) for row in rows]


async def all_answered(listener: Listener, ids: set[str]) -> None:
    await listener.answers_to(ids)
    assert {body["outcome"] for body in listener.bodies} == {"dead_lettered"}


async def test_commands_that_expire_are_collected_once_and_answered(shop: LiveShop) -> None:
    ids = await expire(shop, COPIES)
    async with answers(shop.amqp_url, "till.#") as listener:
        await shop.start_worker()
        await shop.start_worker()
        await all_answered(listener, ids)
    assert sorted(await letters(shop)) == sorted((name, "set_aside", "expired") for name in ids)
    rows = await shop.rows("SELECT partition, queue, routing_key, aggregate_id, error FROM dead_letters")
    assert {tuple(row)[:4] for row in rows} == {(PARTITION, QUEUE, KEY, SKU)}
    assert all(row["error"].startswith(f"the broker gave it up in the queue {QUEUE} at 20") for row in rows)


@pytest.mark.parametrize("point", ["committed", "published"])
async def test_a_worker_that_dies_while_it_collects_leaves_it_to_the_next_one(shop: LiveShop, point: str) -> None:
    ids = await expire(shop, COPIES)
    async with answers(shop.amqp_url, "till.#") as listener:
        dying = await shop.start_dying_worker(point)
        assert await dying.ended() == -signal.SIGKILL
        await shop.start_worker()
        await all_answered(listener, ids)
    assert sorted(await letters(shop)) == sorted((name, "set_aside", "expired") for name in ids)


async def test_what_another_program_rejects_is_collected(shop: LiveShop) -> None:
    sent = message()
    async with opened(shop) as channel:
        await (await channel.get_exchange(COMMANDS_EXCHANGE)).publish(sent, KEY)
        async with (await channel.get_queue(QUEUE)).iterator() as arriving:
            async for taken in arriving:
                await taken.reject(requeue=False)
                break
    async with answers(shop.amqp_url, "till.#") as listener:
        await shop.start_worker()
        await all_answered(listener, {sent.correlation_id or ""})
    assert await letters(shop) == [(sent.correlation_id, "set_aside", "rejected")]


async def test_what_was_published_by_hand_is_collected(shop: LiveShop) -> None:
    sent = message()
    await shop.start_worker()
    async with answers(shop.amqp_url, "till.#") as listener, opened(shop) as channel:
        await (await channel.get_exchange(DEAD_LETTERS_EXCHANGE)).publish(sent, "anything")
        await all_answered(listener, {sent.correlation_id or ""})
    (row,) = await shop.rows("SELECT reason, partition, queue, error FROM dead_letters")
    assert (row["reason"], row["partition"], row["queue"]) == ("rejected", PARTITION, DEAD_LETTERS_QUEUE)
    assert "by hand" in row["error"]


async def test_what_lanes_have_filed_is_taken_out_of_the_queue_and_not_collected(shop: LiveShop) -> None:
    await shop.start_worker()
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        for number in range(COPIES):
            await publisher.send_body(b"rubbish %d" % number, KEY)
        await listener.count(COPIES)
        await until_ready(shop, lambda ready: ready == 0)
    assert {reason for _, _, reason in await letters(shop)} == {"invalid"}
    assert len(await letters(shop)) == COPIES
