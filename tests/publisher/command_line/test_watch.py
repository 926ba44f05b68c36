import json
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import aio_pika
import pytest
from rich.cells import cell_len

from publisher import OrderClient
from publisher.command_line.watching import line_of
from schemas.reasons import Reason
from schemas.results import Outcome, Result, encode_result
from tests.publisher.answering_twin import AnsweringTwin
from tests.publisher.command_line.program import run, started

QUEUE = "orders.test-watch"


def result(number: int) -> Result:
    return Result(
        command_id=UUID(int=number),
        outcome=Outcome.DEAD_LETTERED,
        type="purchase",
        sku="x" * 100,
        location="大吉" * 32,
        quantity=10**9,
        reason=Reason.INSUFFICIENT_STOCK,
        message=None,
        available=10**15,
    )


async def publish(twin: AnsweringTwin, number: int) -> None:
    await twin.publish_reply(encode_result(result(number)), "till.dead_lettered.purchase.x")


@pytest.fixture
async def queue(amqp_url: str, twin: AnsweringTwin) -> AsyncIterator[str]:
    """Give a durable queue with two results in it."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.queue_delete(QUEUE)
        async with OrderClient(amqp_url).results(queue=QUEUE):
            pass
        for number in (1, 2):
            await publish(twin, number)
        yield QUEUE
        await channel.queue_delete(QUEUE)


async def test_piped_it_prints_json_lines_and_stops_at_the_count(amqp_url: str, queue: str) -> None:
    first = await run("watch", "--queue", queue, "--count", "1", ORDERS_AMQP_URL=amqp_url)
    second = await run("watch", "--queue", queue, "--count", "1", ORDERS_AMQP_URL=amqp_url)
    assert (first.exit_code, first.errors, second.exit_code) == (0, "", 0)
    assert [json.loads(each.output)["command_id"] for each in (first, second)] == [str(UUID(int=n)) for n in (1, 2)]


async def test_ctrl_c_ends_it_quietly(amqp_url: str, queue: str) -> None:
    async with started("watch", "--queue", queue, ORDERS_AMQP_URL=amqp_url) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert (await process.wait(), await process.stderr.read()) == (130, b"")


async def test_a_reader_that_goes_away_ends_it_quietly(amqp_url: str, queue: str, twin: AnsweringTwin) -> None:
    async with started("watch", "--queue", queue, ORDERS_AMQP_URL=amqp_url) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        await process.stdout.readline()
        await process.stdout.readline()
        process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # noqa: SLF001
        await publish(twin, 3)
        assert (await process.wait(), await process.stderr.read()) == (141, b"")


def test_a_line_fits_into_80_columns() -> None:
    assert cell_len(line_of(result(1))) <= 80


def test_a_line_shows_what_matters() -> None:
    line = line_of(result(1).model_copy(update={"sku": "85123A", "location": "main", "quantity": 6, "available": 4}))
    assert line.split() == ["dead", "purchase", "85123A", "main", "6", "4", "insufficient_stock"]


def test_nothing_that_a_sender_wrote_steers_the_terminal() -> None:
    assert line_of(result(1).model_copy(update={"sku": "\x1b[2J\n"})).isprintable()
