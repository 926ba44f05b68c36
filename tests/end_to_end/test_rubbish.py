"""What is no command: set aside, answered where it can be known whom to answer, and nobody held up."""

import json
from datetime import UTC, datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from publisher.broker.received_properties import DROPPED_HEADER
from schemas import dead_letters as header
from schemas.partitions import partition_of, partition_queue, partition_routing_key
from tests.end_to_end.listening import answers, dead_letters
from tests.end_to_end.publishing import command, send_spoilt
from tests.end_to_end.shop import PARTITION_COUNT, LiveShop
from tests.worker.lane.rubbish import COMMAND_ID, EVERY_RUBBISH, SKU, Rubbish, command_body

PARTITION = partition_of(SKU, PARTITION_COUNT)
KEY = partition_routing_key(PARTITION)


async def test_every_kind_is_dead_lettered_and_answered_and_its_neighbours_apply(shop: LiveShop) -> None:
    async with (
        answers(shop.amqp_url) as listener,
        dead_letters(shop.amqp_url) as letters,
        shop.publisher() as publisher,
    ):
        for rubbish in EVERY_RUBBISH:
            await publisher.send_body(rubbish.body, KEY)
            await publisher.send(command("restock", SKU, 1, reason=f"neighbour of {rubbish.name}"))
        await shop.start_worker(worker_name="tester")
        await listener.count(2 * len(EVERY_RUBBISH))
        await letters.count(len(EVERY_RUBBISH))
    outcomes = [body["outcome"] for body in listener.bodies]
    assert outcomes == ["dead_lettered", "applied"] * len(EVERY_RUBBISH)  # in the order of the queue
    for rubbish, letter, answer in zip(EVERY_RUBBISH, letters.messages, listener.bodies[::2], strict=True):
        _judge_letter(letter, rubbish)
        _judge_answer(answer, rubbish)
    assert await shop.on_hand(SKU) == len(EVERY_RUBBISH)


def _judge_letter(letter: AbstractIncomingMessage, rubbish: Rubbish) -> None:
    assert letter.body == rubbish.body
    assert (letter.routing_key, letter.reply_to, letter.content_type) == (KEY, "till", "application/json")
    headers = dict(letter.headers)
    assert datetime.fromisoformat(str(headers.pop(header.TIME_HEADER))).utcoffset() is not None
    assert headers == {
        header.REASON_HEADER: "invalid",
        header.ERROR_HEADER: rubbish.message,
        header.QUEUE_HEADER: partition_queue(PARTITION),
        header.ROUTING_KEY_HEADER: KEY,
        header.WORKER_HEADER: "tester",
    }


def _judge_answer(answer: dict[str, Any], rubbish: Rubbish) -> None:
    assert (answer["message"], answer["reason"]) == (rubbish.message, "invalid")
    assert (answer["command_id"], answer["type"], answer["sku"], answer["quantity"]) == (
        rubbish.command_id,
        rubbish.command_type,
        rubbish.sku,
        rubbish.quantity,
    )


async def test_a_command_in_the_queue_of_another_partition_is_misrouted(shop: LiveShop) -> None:
    elsewhere = (PARTITION + 1) % PARTITION_COUNT
    await shop.start_worker()
    async with (
        answers(shop.amqp_url) as listener,
        dead_letters(shop.amqp_url) as letters,
        shop.publisher() as publisher,
    ):
        await publisher.send_body(command_body(), partition_routing_key(elsewhere))
        await listener.count(1)
        await letters.count(1)
    assert (listener.bodies[0]["reason"], listener.bodies[0]["command_id"]) == ("misrouted", COMMAND_ID)
    assert letters.messages[0].headers[header.QUEUE_HEADER] == partition_queue(elsewhere)


AWKWARD_PROPERTIES: list[dict[str, Any]] = [
    {"headers": {"trace": "x" * 100_000}},
    {"headers": {"trace": bytearray(b"\xff\xfe")}},
    {"headers": {"trace": {"deep": [{"deeper": [1, None, 1.5, True]}]}}},
    {"headers": {header.REASON_HEADER: "failed", "orders-forwarded": "alice"}},
    {"headers": {"when": datetime(1999, 12, 31, tzinfo=UTC)}},
    {"reply_to": "two.words"},
    {"reply_to": "x" * 255},
    {"correlation_id": "x" * 255},
    {"correlation_id": "not a UUID: ü"},
    {"content_type": "text/csv", "content_encoding": "gzip"},
]


async def test_awkward_properties_hold_up_nobody(shop: LiveShop) -> None:
    await shop.start_worker()
    async with (
        answers(shop.amqp_url) as listener,
        dead_letters(shop.amqp_url) as letters,
        shop.publisher() as publisher,
    ):
        for properties in AWKWARD_PROPERTIES:
            await publisher.send_body(b"rubbish", KEY, **{"correlation_id": COMMAND_ID} | properties)
            await publisher.send(command("restock", SKU, 1))
        await listener.count(2 * len(AWKWARD_PROPERTIES))
        await letters.count(len(AWKWARD_PROPERTIES))
    assert [body["outcome"] for body in listener.bodies] == ["dead_lettered", "applied"] * len(AWKWARD_PROPERTIES)
    assert {letter.body for letter in letters.messages} == {b"rubbish"}
    assert {letter.headers[header.REASON_HEADER] for letter in letters.messages} == {"invalid"}
    assert letters.messages[0].headers[DROPPED_HEADER] == "they had 100015 bytes; at most 65536 are passed on"
    assert letters.messages[1].headers["trace"] == bytearray(b"\xff\xfe")


UNREADABLE_PROPERTIES: list[tuple[bytes, bytes, dict[str, Any]]] = [
    (b"sound", b"\xff\xfe\xfd\xfc\xfb", {"correlation_id": "sound"}),
    (b"sound", b"\xff\xfe\xfd\xfc\xfb", {"reply_to": "sound"}),
    (b"sound", b"\xff\xfe\xfd\xfc\xfb", {"headers": {"sound": 1}}),
    (b"\0\0\0\0\x01\x02\x03\x04", b"\x7f" * 8, {"timestamp": datetime.fromtimestamp(0x01020304, UTC)}),
    (b"\0\0\0\0\x01\x02\x03\x04", b"\x7f" * 8, {"headers": {"when": datetime.fromtimestamp(0x01020304, UTC)}}),
]
"""Bytes that are replaced, and by what, in which properties."""


async def test_properties_that_cannot_be_read_hold_up_nobody(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        for sound, spoilt, properties in UNREADABLE_PROPERTIES:
            await send_spoilt(shop.amqp_url, KEY, sound, spoilt, **properties)
            await publisher.send(command("restock", SKU, 1))
        await listener.count(2 * len(UNREADABLE_PROPERTIES))
    assert [body["outcome"] for body in listener.bodies] == ["dead_lettered", "applied"] * len(UNREADABLE_PROPERTIES)
    assert [record["event"] for record in worker.records].count("worker.working") == 1


async def test_a_routing_key_that_cannot_be_read_holds_up_nobody(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    async with answers(shop.amqp_url) as listener, shop.publisher() as publisher:
        await send_spoilt(shop.amqp_url, "sound", b"sound", b"\xff" * 5)
        await publisher.send(command("restock", SKU, 1), by_sku=True)
        await listener.count(2)
    assert {body["outcome"] for body in listener.bodies} == {"dead_lettered", "applied"}
    assert [record["event"] for record in worker.records].count("worker.working") == 1


async def test_an_answer_in_json_that_could_not_be_read_goes_to_whoever_asked(shop: LiveShop) -> None:
    await shop.start_worker()
    async with answers(shop.amqp_url, "till.dead_lettered.#") as listener, shop.publisher() as publisher:
        await publisher.send_body(b"rubbish", KEY, correlation_id=COMMAND_ID)
        await listener.count(1)
    assert listener.messages[0].routing_key == "till.dead_lettered.-.-"
    assert json.loads(listener.messages[0].body)["command_id"] == COMMAND_ID
