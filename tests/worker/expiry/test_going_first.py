"""What is due, and a backlog in the lane's way."""

from datetime import datetime, timedelta

from schemas.commands import Expire, encode_command
from tests.twins.orders import message, order, purchase, restock
from tests.twins.shop import Shop
from worker.event_store import ReservationRow
from worker.expiry.expiring import expire_command
from worker.expiry.going_first import FIRST_LIMIT_COMMANDS, GoingFirst, SourceWithFirst
from worker.lane.dead_letters.suspects import digest_of_body
from worker.lane.lane import BATCH_LIMIT_COMMANDS
from worker.lane.ports import Delivery, SourceClosed

BACKLOG = 3 * BATCH_LIMIT_COMMANDS
DUE = datetime(2026, 1, 31, 12)  # noqa: DTZ001 - the tables hold naive UTC


async def test_it_is_decided_before_the_backlog_and_its_copy_gets_the_same_answer() -> None:
    shop, expire = await _shop_with_due_reservation()
    shop.send(purchase(number, 1) for number in range(10, 10 + BACKLOG))
    shop.send([_queued(expire)])
    await shop.run_lane()
    kinds = [answer["type"] for answer in shop.answers[2:]]
    assert (kinds[0], kinds[-1], kinds.count("expire")) == ("expire", "expire", 2)
    assert shop.outbox.replies[2] == shop.outbox.replies[-1]
    assert shop.answers[2]["sequence"] == 3
    level = shop.database.levels["A", "main"]
    assert (level.on_hand, level.reserved) == (0, 0)
    assert not shop.outbox.dead_letters


async def test_the_units_it_gives_back_can_be_sold_to_those_who_waited() -> None:
    shop, expire = await _shop_with_due_reservation()
    shop.send([purchase(10, BACKLOG), _queued(expire)])
    await shop.run_lane()
    ends = [(answer["type"], answer["outcome"]) for answer in shop.answers[2:]]
    assert ends == [("expire", "applied"), ("purchase", "applied"), ("expire", "applied")]


async def test_a_lane_that_dies_with_it_leaves_the_copy_that_repeats_the_answer() -> None:
    shop, expire = await _shop_with_due_reservation()
    shop.send([purchase(10, 1), _queued(expire)])
    shop.faults.plan("committed", SourceClosed("gone before it could publish"))
    await shop.run_lane()
    assert len(shop.answers) == 2
    await shop.run_lane()
    answers = [answer for answer in shop.answers if answer["type"] == "expire"]
    assert [(answer["outcome"], answer["sequence"]) for answer in answers] == [("applied", 3)]
    assert len(shop.database.commands) == 4


async def test_what_went_first_is_never_acknowledged_also_where_it_is_taken_up_alone() -> None:
    shop, expire = await _shop_with_due_reservation()
    shop.send([purchase(10, 1)._replace(redelivered=True), purchase(11, 1), _queued(expire)])
    shop.ledger.attempts[digest_of_body(encode_command(expire))] = 1
    await shop.run_to_the_end()
    decided = {command_id.int for command_id in shop.database.commands}
    assert {10, 11} <= decided


async def test_a_batch_stays_within_its_limit_and_ends_with_a_delivery() -> None:
    first = _offered(*_expires(FIRST_LIMIT_COMMANDS + 10))
    shop = Shop(purchase(number, 1) for number in range(BACKLOG))
    source = SourceWithFirst(shop.queue.open(), first, 0)
    batches = [await source.take(BATCH_LIMIT_COMMANDS) for _ in range(3)]
    assert [len(batch) for batch in batches] == [BATCH_LIMIT_COMMANDS] * 3
    assert [sum(not delivery.tag for delivery in batch) for batch in batches] == [FIRST_LIMIT_COMMANDS, 10, 0]
    assert all(batch[-1].tag for batch in batches)


def test_what_was_taken_is_not_given_again_while_it_is_offered() -> None:
    (expire,) = _expires(1)
    first = _offered(expire)
    assert first.take(0, 5) == [expire]
    first.offer([expire])
    assert (first.count(0), first.take(0, 5)) == (0, [])
    first.offer([])
    first.offer([expire])
    assert first.take(0, 5) == [expire]


def test_what_is_no_longer_offered_is_not_given() -> None:
    expires = _expires(2)
    first = _offered(*expires)
    first.offer(expires[1:])
    assert first.take(0, 5) == expires[1:]


async def _shop_with_due_reservation() -> tuple[Shop, Expire]:
    """Return a shop of `BACKLOG` units, all held by a reservation whose end lies in its queue and may go first."""
    shop = Shop([restock(1, BACKLOG), order(2, "reserve", BACKLOG, reservation_id="r", expires_in=1)])
    await shop.run_lane()
    shop.environment.pass_time(timedelta(seconds=1))
    expire = expire_command(shop.database.reservations["A", "r"])
    first = _offered(expire)
    shop.through = lambda source: SourceWithFirst(source, first, 0)
    return shop, expire


def _queued(expire: Expire) -> Delivery:
    sent = message(encode_command(expire), correlation_id=str(expire.command_id))
    return sent._replace(reply_to=None)


def _expires(count: int) -> list[Expire]:
    row = ReservationRow("A", "r", "main", 1, 1, 0, 0, "held", DUE, 2)
    return [expire_command(row._replace(reservation_id=f"r{number}")) for number in range(count)]


def _offered(*expires: Expire) -> GoingFirst:
    first = GoingFirst(1)
    first.offer(expires)
    return first
