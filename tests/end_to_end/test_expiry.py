"""Reservations whose time is up, whatever dies meanwhile."""

import signal
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from schemas import Restock
from tests.end_to_end.listening import Listener, answers
from tests.end_to_end.open_reservations import open_reservations
from tests.end_to_end.shop import LiveShop

SKU = "85123A"
SKUS = 100
RESERVATIONS_PER_SKU = 1_000
DUE_PER_SKU = 10
BACKLOG = 20_000
"""Seconds of work, when what is due needs less than one to be found, sent and found again."""
A_WHILE_SECONDS = 5
"""Long enough for a command or two on a busy machine, and short enough to be waited for."""


async def _reserve_all(shop: LiveShop, expires_in: int = 1) -> None:
    async with shop.client() as client:
        await client.restock(SKU, 10, user="warehouse")
        held = await client.reserve(SKU, 10, reservation_id="r", expires_in=expires_in, user="till")
    assert held.available == 0


async def _judge_expiry(shop: LiveShop, listener: Listener) -> None:
    (body,) = {message.body for message in listener.messages}
    rows = await shop.rows("SELECT answer::text FROM commands WHERE answer ->> 'type' = 'expire'")
    assert [row["answer"].encode() for row in rows] == [body]
    answer = listener.bodies[0]
    assert (answer["outcome"], answer["reservation_id"], answer["quantity"]) == ("applied", "r", 10)
    assert (answer["on_hand"], answer["reserved"], answer["available"]) == (10, 0, 10)
    audit = await shop.rows("""SELECT delta, reserved_delta FROM audit_log WHERE "user" = 'system:expiry'""")
    assert [tuple(row) for row in audit] == [(0, -10)]
    rows = await shop.rows("SELECT held, released, status FROM reservations")
    assert [tuple(row) for row in rows] == [(0, 10, "expired")]


async def test_a_reservation_times_out_and_the_stock_can_be_sold(shop: LiveShop) -> None:
    await shop.start_worker()
    await shop.start_worker()
    async with answers(shop.amqp_url, "-.*.expire.#") as listener:
        await _reserve_all(shop)
        await listener.count(1)
    await _judge_expiry(shop, listener)
    answer = listener.bodies[0]
    rows = await shop.rows("SELECT expires_at FROM reservations")
    late = datetime.fromisoformat(answer["committed_at"]) - rows[0]["expires_at"].replace(tzinfo=UTC)
    assert late >= timedelta(0)
    async with shop.client() as client:
        assert (await client.fulfil(SKU, reservation_id="r", user="till")).reason == "reservation_expired"
        assert (await client.purchase(SKU, 10, user="till")).applied


async def test_a_reservation_that_was_extended_does_not_end_before(shop: LiveShop) -> None:
    await shop.start_worker()
    async with answers(shop.amqp_url, "-.*.expire.#") as listener, shop.client() as client:
        await client.restock(SKU, 10, user="warehouse")
        await client.reserve(SKU, 5, reservation_id="long", expires_in=A_WHILE_SECONDS, user="till")
        await client.extend(SKU, reservation_id="long", expires_in=600, user="till")
        await client.reserve(SKU, 5, reservation_id="short", expires_in=A_WHILE_SECONDS, user="till")
        await listener.count(1)
        assert [answer["reservation_id"] for answer in listener.bodies] == ["short"]
        assert (await client.fulfil(SKU, reservation_id="long", user="till")).applied


@pytest.mark.parametrize(("point", "copies"), [("committed", 1), ("published", 2)])
async def test_a_worker_killed_while_one_expires_leaves_one_event_and_one_answer(
    shop: LiveShop, point: str, copies: int
) -> None:
    worker = await shop.start_worker()
    await _reserve_all(shop, A_WHILE_SECONDS)
    # So that it comes due while everything is down, and nothing else is left to be answered by who dies.
    assert await worker.terminate() == 0
    async with answers(shop.amqp_url, "-.*.expire.#") as listener:
        dying = await shop.start_dying_worker(point)
        assert await dying.ended() == -signal.SIGKILL
        await shop.start_worker()
        await listener.count(copies)
    await _judge_expiry(shop, listener)
    assert await shop.levels(SKU) == {"main": (10, 0)}


async def test_what_is_due_goes_before_a_backlog_and_is_answered_the_same_again_in_its_turn(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    await _reserve_all(shop, 2)
    await worker.kill()
    backlog = [Restock(command_id=uuid4(), sku=SKU, quantity=1, user="warehouse") for _ in range(BACKLOG)]
    async with answers(shop.amqp_url, "-.*.expire.#") as listener, shop.client() as client:
        await client.send_many(backlog)
        await shop.start_worker()
        await listener.count(2)
    assert len({message.body for message in listener.messages}) == 1
    newest = await shop.rows("SELECT max(sequence) AS sequence FROM commands")
    assert listener.bodies[0]["sequence"] < newest[0]["sequence"] == 2 + BACKLOG + 1


async def test_1_000_of_100_000_open_reservations_end_not_early_and_no_other_with_them(shop: LiveShop) -> None:
    worker = await shop.start_worker()
    await worker.logged("share.changed")
    async with answers(shop.amqp_url, "-.*.expire.#") as listener:
        await open_reservations(
            shop.database_url,
            [f"SKU-{number}" for number in range(SKUS)],
            RESERVATIONS_PER_SKU,
            partition_count=shop.partition_count,
            due_per_sku=DUE_PER_SKU,
            due=datetime.now(UTC) + timedelta(seconds=20),
        )
        await listener.count(SKUS * DUE_PER_SKU)
    due = (await shop.rows("SELECT min(expires_at) AS due FROM reservations"))[0]["due"].replace(tzinfo=UTC)
    # How late is a matter of the machine: `make bench` measures it.
    assert min(datetime.fromisoformat(answer["committed_at"]) for answer in listener.bodies) >= due
    held = await shop.rows("SELECT count(*) FROM reservations WHERE status = 'held'")
    assert held[0]["count"] == SKUS * (RESERVATIONS_PER_SKU - DUE_PER_SKU)
