"""Connections that break: everything in flight ends as it should, once."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from publisher import BrokerUnavailable, OrderClient
from schemas.commands import Command
from schemas.results import Outcome
from tests.proxy import Proxy
from tests.publisher.answering_twin import AnsweringTwin
from tests.publisher.orders import by_sku, first_arrivals, restocks


async def test_a_request_in_flight_is_sent_again_under_its_id(
    far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy
) -> None:
    twin.silent = True
    waiting = asyncio.create_task(far_client.restock("A", 5, user="u"))
    await twin.has_received(1)
    twin.silent = False
    proxy.cut()
    result = await waiting
    assert (result.outcome, result.available) == (Outcome.APPLIED, 5)
    assert len(first_arrivals(twin.received)) == 1


async def test_an_answer_that_was_lost_is_asked_for_again(
    far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy
) -> None:
    await far_client.restock("A", 1, user="u")
    command_id = uuid4()
    twin.before_answer = proxy.black_hole
    waiting = asyncio.create_task(far_client.restock("A", 5, user="u", command_id=command_id))
    await twin.has_received(2)
    twin.before_answer = None
    await proxy.heal()
    assert (await waiting).available == 6
    assert twin.stock["A", "main"] == 6


async def test_many_requests_survive_many_cuts(far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy) -> None:
    waiting = [asyncio.create_task(far_client.restock("A", 1, user="u")) for _ in range(200)]
    for count in (20, 80, 150):
        await twin.has_received(count)
        proxy.cut()
    results = await asyncio.gather(*waiting)
    assert {result.outcome for result in results} == {Outcome.APPLIED}
    assert twin.stock["A", "main"] == 200


async def test_a_broker_that_comes_back_is_found(far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy) -> None:
    await far_client.restock("A", 1, user="u")
    proxy.refuse()
    waiting = asyncio.create_task(far_client.restock("A", 1, user="u"))
    sending = asyncio.create_task(far_client.send(restocks(1)[0]))
    await asyncio.wait({waiting, sending}, timeout=0.3)
    assert not waiting.done()
    assert not sending.done()
    await proxy.heal()
    assert (await waiting).available == 2
    await sending
    await twin.has_received(3)


async def test_a_broker_that_stays_away_is_given_up_in_time(far_client: OrderClient, proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(BrokerUnavailable, match="did not confirm"):
        await far_client.send(restocks(1)[0], timeout_seconds=0.3)
    with pytest.raises(BrokerUnavailable, match="did not confirm"):
        await far_client.send_many(restocks(1), timeout_seconds=0.3)


async def test_bulk_keeps_its_order_through_cuts(far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy) -> None:
    commands = restocks(5_000)
    twin.silent = True

    def cutting(confirmed: int) -> None:
        if confirmed in {500, 2_000, 4_000}:
            proxy.cut()

    assert await far_client.send_many(commands, on_confirmed=cutting) == 5_000
    await twin.has_received_different(5_000)
    assert by_sku(first_arrivals(twin.received)) == by_sku(commands)


async def test_a_paused_source_does_not_hold_up_what_was_lost(
    far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy
) -> None:
    commands = restocks(2)
    confirmed, may_go_on = asyncio.Event(), asyncio.Event()

    async def pausing() -> AsyncIterator[Command]:
        yield commands[0]
        await may_go_on.wait()
        yield commands[1]

    proxy.black_hole()
    sending = asyncio.create_task(far_client.send_many(pausing(), on_confirmed=lambda _: confirmed.set()))
    await asyncio.wait({sending}, timeout=0.1)
    await proxy.heal()
    await confirmed.wait()
    assert not sending.done()
    may_go_on.set()
    assert await sending == 2
    await twin.has_received(2)


async def test_a_source_is_read_no_further_once_sending_has_ended(far_client: OrderClient, proxy: Proxy) -> None:
    async def endless() -> AsyncIterator[Command]:
        while True:
            yield restocks(1)[0]

    others = asyncio.all_tasks()
    proxy.hold()
    sending = asyncio.create_task(far_client.send_many(endless()))
    await asyncio.wait({sending}, timeout=0.2)  # it has as much under way as it may have
    sending.cancel()
    await asyncio.wait({sending})
    assert asyncio.all_tasks() <= others


async def test_a_stream_of_requests_survives_cuts(far_client: OrderClient, twin: AnsweringTwin, proxy: Proxy) -> None:
    commands = restocks(1_000)
    seen = 0
    results: dict[int, int | None] = {}
    async for answered in far_client.request_many(commands):
        results[answered.position] = answered.result.available
        seen += 1
        if seen in {1, 300, 700}:
            proxy.cut()
    assert sorted(results) == list(range(1_000))
    assert sum(twin.stock.values()) == 1_000
    assert by_sku(first_arrivals(twin.received)) == by_sku(commands)
