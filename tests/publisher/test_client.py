import asyncio
from uuid import uuid4

import pytest
from yarl import URL

from publisher import (
    AnswerTimeout,
    BrokerRefused,
    BrokerUnavailable,
    ClientClosed,
    InvalidInput,
    OrderClient,
    Unroutable,
)
from schemas.commands import Purchase, Restock
from schemas.reasons import Reason
from schemas.results import Outcome, reply_routing_key
from tests.proxy import Proxy
from tests.publisher.answering_twin import PARTITION_COUNT, AnsweringTwin


async def test_a_purchase_gets_its_answer(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.stock["85123A", "main"] = 10
    result = await client.purchase("85123A", 6, user="till-3", order_id="7", reason="sale")
    assert (result.outcome, result.available, result.user) == (Outcome.APPLIED, 4, "till-3")
    (command,) = twin.received
    assert (command.order_id, command.reason, command.command_id) == ("7", "sale", result.command_id)
    assert command.issued_at is not None


async def test_a_restock_at_another_location(client: OrderClient, twin: AnsweringTwin) -> None:
    result = await client.restock("85123A", 6, user="till-3", location="shop")
    assert (result.outcome, result.location, twin.stock["85123A", "shop"]) == (Outcome.APPLIED, "shop", 6)


async def test_a_refusal_is_a_result(client: OrderClient) -> None:
    result = await client.purchase("85123A", 6, user="till-3")
    assert (result.outcome, result.reason) == (Outcome.REJECTED, Reason.INSUFFICIENT_STOCK)


async def test_the_same_id_gets_the_same_answer(client: OrderClient, twin: AnsweringTwin) -> None:
    command_id = uuid4()
    first = await client.restock("A", 5, user="u", command_id=command_id)
    second = await client.restock("A", 5, user="u", command_id=command_id)
    assert first == second
    assert twin.stock["A", "main"] == 5


async def test_one_id_asked_for_at_the_same_time_is_answered_to_all(client: OrderClient, twin: AnsweringTwin) -> None:
    command = Restock(command_id=uuid4(), sku="A", quantity=5, user="u")
    results = await asyncio.gather(*(client.request(command) for _ in range(10)))
    assert {result.outcome for result in results} == {Outcome.APPLIED}
    assert twin.stock["A", "main"] == 5


async def test_one_id_with_two_bodies_at_the_same_time_gets_each_its_own_answer(client: OrderClient) -> None:
    command_id = uuid4()
    five, six = (Restock(command_id=command_id, sku="A", quantity=quantity, user="u") for quantity in (5, 6))
    results = await asyncio.gather(client.request(five), client.request(six))
    assert {result.outcome for result in results} == {Outcome.APPLIED, Outcome.REJECTED}
    assert [result.quantity for result in results] == [5, 6]


async def test_many_at_once_are_never_mixed_up(client: OrderClient) -> None:
    results = await asyncio.gather(*(client.restock(f"S{number}", number, user="u") for number in range(1, 200)))
    assert [(result.sku, result.quantity) for result in results] == [(f"S{n}", n) for n in range(1, 200)]


async def test_an_answer_that_comes_twice_is_taken_once(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.copies = 3
    assert (await client.restock("A", 1, user="u")).available == 1
    assert (await client.restock("A", 1, user="u")).available == 2


async def test_what_is_no_result_is_passed_over(client: OrderClient, twin: AnsweringTwin) -> None:
    await client.restock("A", 1, user="u")
    await twin.publish_reply(b"rubbish", reply_routing_key(client.reply_to, "applied", None, None))
    assert (await client.restock("A", 1, user="u")).available == 2


async def test_no_answer_in_time_names_the_command(client: OrderClient, twin: AnsweringTwin) -> None:
    twin.silent = True
    command_id = uuid4()
    with pytest.raises(AnswerTimeout, match=str(command_id)) as timeout:
        await client.restock("A", 5, user="u", command_id=command_id, timeout_seconds=0.3)
    twin.silent = False
    result = await client.restock("A", 5, user="u", command_id=timeout.value.command_id)
    assert (result.applied, result.available) == (True, 5)


async def test_what_cannot_be_a_command_is_not_sent(client: OrderClient, twin: AnsweringTwin) -> None:
    with pytest.raises(InvalidInput, match=r"quantity: must be at least 1 \(got 0\)"):
        await client.purchase("A", 0, user="u")
    assert twin.received == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "two words"},
        {"name": ""},
        {"name": "x" * 56},
        {"partition_count": 0},
        {"verified_user": "é" * 128},
        {"verified_user": "\ud800"},
    ],
    ids=["two words", "no name", "long name", "no partition", "long user", "no text"],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        OrderClient("amqp://localhost", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["http://localhost", "localhost:5672", "", "amqp://localhost:port", "amqp://", "amqps:///shop"]
)
def test_a_url_that_is_no_brokers_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="URL"):
        OrderClient(url)


@pytest.mark.parametrize(
    "word", ["", "x" * 65, "two words", "a.b", "#", "é", "\ud800"], ids=lambda word: ascii(word)[:9]
)
async def test_a_word_that_no_answer_can_carry_is_refused(word: str) -> None:
    client = OrderClient("amqp://nowhere")
    command = Purchase(command_id=uuid4(), sku="A", quantity=1, user="u")
    with pytest.raises(InvalidInput, match="reply_to"):
        await client.send(command, reply_to=word)
    with pytest.raises(InvalidInput, match="reply_to"):
        await client.send_many([command], reply_to=word)


@pytest.mark.parametrize("text", ["x" * 256, "é" * 128, "\ud800"], ids=["long", "many bytes", "no text"])
def test_a_pattern_or_queue_that_the_broker_cannot_have_is_refused(text: str) -> None:
    client = OrderClient("amqp://nowhere")
    with pytest.raises(InvalidInput, match="pattern"):
        client.results(text)
    with pytest.raises(InvalidInput, match="queue"):
        client.results(queue=text)


async def test_without_a_topology_a_command_is_unroutable_at_once(amqp_url: str) -> None:
    async with OrderClient(amqp_url) as client:
        with pytest.raises(Unroutable, match="order-worker"):
            await client.purchase("A", 1, user="u")
        with pytest.raises(Unroutable, match="order-worker"):
            await client.send(Purchase(command_id=uuid4(), sku="A", quantity=1, user="u"))


async def test_a_partition_that_nobody_has_is_unroutable_only_where_there_is_no_ingress(
    amqp_url: str, twin: AnsweringTwin
) -> None:
    async with OrderClient(amqp_url, partition_count=100) as client:
        await client.send(Purchase(command_id=uuid4(), sku="123456789", quantity=1, user="u"))
        await twin.has_received(1)


async def test_a_broker_that_is_away_at_the_start_is_told_at_once(amqp_url: str, proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(BrokerUnavailable):
        async with OrderClient(proxy.url(amqp_url)):
            pass


async def test_whoever_gives_up_entering_leaves_nothing_open(amqp_url: str, proxy: Proxy) -> None:
    proxy.black_hole()
    entering = asyncio.create_task(OrderClient(proxy.url(amqp_url)).__aenter__())
    await proxy.has_connections(1)
    entering.cancel()
    await asyncio.wait({entering})
    await proxy.has_connections(0)


async def test_the_broker_vouches_for_the_user(amqp_url: str, twin: AnsweringTwin) -> None:
    user = URL(amqp_url).user
    async with OrderClient(amqp_url, partition_count=PARTITION_COUNT, verified_user=user) as client:
        await client.restock("A", 1, user="u")
    assert twin.user_ids == [user]


async def test_a_forged_user_is_refused_at_once(amqp_url: str, twin: AnsweringTwin) -> None:
    async with OrderClient(amqp_url, partition_count=PARTITION_COUNT, verified_user="somebody-else") as client:
        with pytest.raises(BrokerRefused, match="user_id"):
            await client.restock("A", 1, user="u")
    assert twin.received == []


async def test_a_client_that_does_not_hash_is_answered_too(amqp_url: str, twin: AnsweringTwin) -> None:
    async with OrderClient(amqp_url, hash_on_client=False) as client:
        assert (await client.restock("A", 1, user="u")).applied
    assert len(twin.received) == 1


async def test_two_clients_of_one_name_get_their_own_answers(amqp_url: str, twin: AnsweringTwin) -> None:
    one, other = (OrderClient(amqp_url, name="till", partition_count=PARTITION_COUNT) for _ in range(2))
    async with one, other:
        results = await asyncio.gather(one.restock("A", 1, user="one"), other.restock("A", 1, user="other"))
    assert [result.user for result in results] == ["one", "other"]
    assert twin.stock["A", "main"] == 2


async def test_closing_ends_what_waits(amqp_url: str, twin: AnsweringTwin) -> None:
    twin.silent = True
    async with OrderClient(amqp_url, partition_count=PARTITION_COUNT) as client:
        waiting = asyncio.create_task(client.restock("A", 1, user="u"))
        await twin.has_received(1)
    with pytest.raises(ClientClosed):
        await waiting
    with pytest.raises(ClientClosed):
        await client.restock("A", 1, user="u")
    with pytest.raises(ClientClosed):
        await client.send_many([Restock(command_id=uuid4(), sku="A", quantity=1, user="u")])
