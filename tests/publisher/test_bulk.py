import asyncio
from collections.abc import AsyncIterator

import pytest

from publisher import AnswerTimeout, InvalidInput, OrderClient, Unroutable
from publisher.answer_stream import OUTSTANDING_LIMIT_COMMANDS
from publisher.bulk_sending import WINDOW_LIMIT_MESSAGES
from schemas.commands import Command
from tests.publisher.answering_twin import AnsweringTwin
from tests.publisher.orders import by_sku, first_arrivals, restocks


async def test_all_are_confirmed_and_arrive_in_order(client: OrderClient, twin: AnsweringTwin) -> None:
    commands = restocks(3 * WINDOW_LIMIT_MESSAGES + 1)
    confirmed: list[int] = []
    assert await client.send_many(commands, on_confirmed=confirmed.append) == len(commands)
    await twin.has_received(len(commands))
    assert by_sku(twin.received) == by_sku(commands)
    assert confirmed == [500, 1000, 1500, 1501]


async def test_nothing_is_nothing(client: OrderClient) -> None:
    assert await client.send_many([]) == 0
    assert [answered async for answered in client.request_many([])] == []


async def test_an_endless_source_can_be_stopped(client: OrderClient, twin: AnsweringTwin) -> None:
    async def endless() -> AsyncIterator[Command]:
        while True:
            for command in restocks(10):
                yield command

    twin.silent = True
    sending = asyncio.create_task(client.send_many(endless()))
    await twin.has_received(100)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await client.send(restocks(1)[0])


async def test_a_slow_source_is_sent_as_it_comes(client: OrderClient, twin: AnsweringTwin) -> None:
    confirmed = asyncio.Event()
    commands = restocks(2)

    async def slow() -> AsyncIterator[Command]:
        yield commands[0]
        await confirmed.wait()
        yield commands[1]

    assert await client.send_many(slow(), on_confirmed=lambda _count: confirmed.set()) == 2
    await twin.has_received(2)


async def test_an_error_of_the_source_is_the_callers(client: OrderClient) -> None:
    def failing() -> "list[Command]":
        raise ValueError("no such file")

    with pytest.raises(ValueError, match="no such file"):
        await client.send_many(command for command in failing())


async def test_an_unroutable_command_ends_it(amqp_url: str) -> None:
    async with OrderClient(amqp_url) as client:
        with pytest.raises(Unroutable):
            await client.send_many(restocks(10_000))
        with pytest.raises(Unroutable):
            await anext(aiter(client.request_many(restocks(10_000))))


async def test_every_command_gets_its_answer(client: OrderClient, twin: AnsweringTwin) -> None:
    commands = restocks(2_000)
    answers = [answered async for answered in client.request_many(commands)]
    assert sorted(answered.position for answered in answers) == list(range(2_000))
    for answered in answers:
        assert answered.command is commands[answered.position]
        assert answered.result.command_id == answered.command.command_id
    assert by_sku(twin.received) == by_sku(commands)


@pytest.mark.parametrize("limit", [1, 2, 10, OUTSTANDING_LIMIT_COMMANDS])
async def test_a_source_longer_than_the_limit_is_read_as_answers_come(
    client: OrderClient, twin: AnsweringTwin, limit: int
) -> None:
    read = 0

    async def counting() -> AsyncIterator[Command]:
        nonlocal read
        while True:
            for command in restocks(100):
                read += 1
                yield command

    twin.silent = True
    async with client.request_many(counting(), outstanding_limit=limit) as answers:
        asking = asyncio.create_task(anext(answers))
        await twin.has_received(limit)
        assert read <= limit + 1
        asking.cancel()


@pytest.mark.parametrize("limit", [1, 3])
async def test_with_a_small_limit_all_are_answered(client: OrderClient, twin: AnsweringTwin, limit: int) -> None:
    commands = restocks(20)
    answers = [answered.position async for answered in client.request_many(commands, outstanding_limit=limit)]
    assert sorted(answers) == list(range(20))
    if limit == 1:
        assert twin.received == commands


async def test_a_limit_that_lets_nothing_through_is_refused(client: OrderClient) -> None:
    with pytest.raises(InvalidInput, match="outstanding_limit: must be at least 1"):
        client.request_many([], outstanding_limit=0)


async def test_a_command_that_comes_twice_is_answered_twice(client: OrderClient) -> None:
    (command,) = restocks(1)
    answers = [answered async for answered in client.request_many([command, command])]
    assert [answered.position for answered in answers] == [0, 1]
    assert answers[0].result == answers[1].result


async def test_no_answer_in_time_names_the_oldest(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.silent = True
    commands = restocks(3)
    with pytest.raises(AnswerTimeout, match=str(commands[0].command_id)):
        async with client.request_many(commands, timeout_seconds=0.3) as answers:
            await anext(answers)


async def test_a_repeated_run_changes_nothing(client: OrderClient, twin: AnsweringTwin) -> None:
    commands = restocks(100)
    first = {answered.position: answered.result async for answered in client.request_many(commands)}
    second = {answered.position: answered.result async for answered in client.request_many(commands)}
    assert first == second
    assert sum(twin.stock.values()) == 100
    assert len(first_arrivals(twin.received)) == 100
