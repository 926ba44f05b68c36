"""What is found on real servers, with workers that only say what they are told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import aio_pika
import pytest

from publisher.broker.sender import Sender
from tests.worker.operations.recorded_shop import RecordedShop
from tests.worker.replay.ledger import Ledger
from worker.broker.session import BrokerSession
from worker.database.topology import recorded_shop
from worker.operations.status import ProblemKind, Status, problems_of, status
from worker.ownership import LaneError, LaneReport, WorkerReport

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
LANE = LaneReport(
    partition=0,
    since=NOON,
    leaving=False,
    epoch=1,
    held=2,
    oldest_seconds=1.5,
    last_error=LaneError(NOON, "commit: the database is away"),
)


def kinds(found: Status) -> list[ProblemKind]:
    return [problem.kind for problem in problems_of(found)]


@pytest.fixture
async def session(amqp_url: str) -> AsyncIterator[BrokerSession]:
    session = await BrokerSession.open(
        amqp_url, name="status", heartbeat_seconds=60, partition_count=1, own_user="guest"
    )
    yield session
    await session.close()


@pytest.fixture
async def sender(amqp_url: str) -> AsyncIterator[Sender]:
    sender = Sender(amqp_url, name="status")
    yield sender
    await sender.close()


@pytest.fixture
async def report(shop: RecordedShop) -> WorkerReport:
    """Give what a worker of this shop says that knows of itself only."""
    return WorkerReport(
        worker="one.1a2b3c4d",
        name="one",
        shop=await recorded_shop(shop.connection) or "",
        joined_at=NOON,
        members=("one.1a2b3c4d",),
        lanes=(LANE,),
        database_away=False,
    )


@asynccontextmanager
async def consumed(session: BrokerSession) -> AsyncIterator[None]:
    sources = [await session.source(queue, 1) for queue in ("orders.commands.00", "orders.ingress")]
    yield
    for source in sources:
        await source.close()


async def answer(session: BrokerSession, sender: Sender, report: WorkerReport) -> None:
    assembly = await session.assembly(sender, report.worker, report.shop)
    assembly.report = lambda: report


async def test_a_queue_that_is_missing_is_named(shop: RecordedShop, amqp_url: str) -> None:
    found = await status(shop.connection, amqp_url)
    assert set(kinds(found)) == {ProblemKind.QUEUE_MISSING, ProblemKind.NOT_FORWARDED}
    assert (found.ingress_ready, found.dead_letters_ready, found.workers) == (0, 0, ())


async def test_a_partition_that_nobody_has_is_named(
    shop: RecordedShop, amqp_url: str, session: BrokerSession, sender: Sender, report: WorkerReport
) -> None:
    await answer(session, sender, replace(report, lanes=()))
    found = await status(shop.connection, amqp_url)
    assert kinds(found) == [ProblemKind.NOT_FORWARDED, ProblemKind.NO_OWNER]


async def test_what_the_owner_says_is_told_with_what_the_database_and_the_queue_say(
    shop: RecordedShop, amqp_url: str, session: BrokerSession, sender: Sender, report: WorkerReport
) -> None:
    await shop.store.claim(0, "one")
    await answer(session, sender, report)
    async with consumed(session):
        found = await status(shop.connection, amqp_url)
    assert problems_of(found) == []
    (partition,) = found.partitions
    assert (partition.owners, partition.owned_since, partition.epoch, partition.claimed_by) == (
        ("one",),
        NOON,
        1,
        "one",
    )
    assert (partition.backlog, partition.oldest_seconds, partition.commands_per_second) == (2, 1.5, 0.0)
    assert partition.last_error == LANE.last_error
    assert partition.claimed_at is not None
    (worker,) = found.workers
    assert (worker.name, worker.answers, worker.joined_at, worker.partitions) == ("one", True, NOON, (0,))


async def test_two_that_claim_one_partition_are_named(
    shop: RecordedShop, amqp_url: str, session: BrokerSession, sender: Sender, report: WorkerReport
) -> None:
    await answer(session, sender, report)
    await answer(session, sender, replace(report, worker="two.1a2b3c4d", name="two", members=("two.1a2b3c4d",)))
    found = await status(shop.connection, amqp_url)
    assert ProblemKind.TWO_OWNERS in kinds(found)
    assert sorted(found.partitions[0].owners) == ["one", "two"]


async def test_who_is_counted_and_does_not_answer_is_not_shown_as_if_it_were_there(
    shop: RecordedShop, amqp_url: str, session: BrokerSession, sender: Sender, report: WorkerReport
) -> None:
    await answer(session, sender, replace(report, members=(report.worker, "dead.1a2b3c4d")))
    async with consumed(session):
        found = await status(shop.connection, amqp_url)
    assert kinds(found) == [ProblemKind.SILENT_WORKER]
    silent = found.workers[0]
    assert (silent.name, silent.answers, silent.partitions) == ("dead", False, ())


async def test_a_worker_of_another_shop_owns_nothing_here(
    shop: RecordedShop, amqp_url: str, session: BrokerSession, sender: Sender, report: WorkerReport
) -> None:
    await answer(session, sender, replace(report, shop="another"))
    async with consumed(session):
        found = await status(shop.connection, amqp_url)
    assert kinds(found) == [ProblemKind.OTHER_SHOP, ProblemKind.NO_OWNER]


async def test_a_queue_of_no_partition_is_named(shop: RecordedShop, amqp_url: str, session: BrokerSession) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("orders.commands.17", durable=True, arguments={"x-queue-type": "quorum"})
    async with consumed(session):
        found = await status(shop.connection, amqp_url)
    assert found.unknown_queues == {"orders.commands.17": 0}
    assert ProblemKind.UNKNOWN_QUEUE in kinds(found)


async def test_the_ledger_is_told(shop: RecordedShop, amqp_url: str, session: BrokerSession) -> None:
    ledger = Ledger(shop.connection)
    head = await ledger.letter("held", place=1)
    await ledger.hold(head, parked=2)
    for place in (2, 3):
        await ledger.letter("parked", place=place)
    plan_id = await ledger.plan(await ledger.letters(1))
    await shop.connection.execute("UPDATE replay_plans SET state = 'paused', note = 'see above'")
    async with consumed(session):
        found = await status(shop.connection, amqp_url)
    assert found.ledger.open_letters == {"set_aside": 1, "held": 1, "parked": 2}
    assert (found.partitions[0].held_aggregates, found.partitions[0].parked_letters) == (1, 2)
    assert (found.ledger.fullest, found.ledger.fullest_parked) == ("A", 2)
    assert found.ledger.paused_plans == ((plan_id, "see above"),)
    assert found.ledger.held_since is not None
    assert {ProblemKind.HELD, ProblemKind.PLAN_PAUSED} <= set(kinds(found))
