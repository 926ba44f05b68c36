from tests.worker.operations.recorded_shop import RecordedShop
from worker.broker.session import BrokerSession
from worker.operations.status import status


async def test_a_queue_that_is_missing_is_named(shop: RecordedShop, amqp_url: str) -> None:
    found = await status(shop.connection, amqp_url)
    assert found.problems == ["partition 00: the queue orders.commands.00 does not exist; start a worker"]
    assert (found.ingress_ready, found.dead_letters) == (0, 0)


async def test_a_partition_that_nobody_consumes_is_named(shop: RecordedShop, amqp_url: str) -> None:
    session = await _session(amqp_url)
    found = await status(shop.connection, amqp_url)
    assert found.problems == ["partition 00: no worker consumes it, 0 commands wait"]
    await session.close()


async def test_an_owner_and_what_it_answered_are_told(shop: RecordedShop, amqp_url: str) -> None:
    session = await _session(amqp_url)
    source = await session.source("orders.commands.00", 1)
    await shop.store.claim(0, "one")
    found = await status(shop.connection, amqp_url)
    assert found.problems == []
    (partition,) = found.partitions
    assert (partition.owner, partition.epoch, partition.answered, partition.active) == ("one", 1, 0, True)
    assert partition.claimed_at is not None
    await source.close()
    await session.close()


async def _session(amqp_url: str) -> BrokerSession:
    return await BrokerSession.open(amqp_url, name="status", heartbeat_seconds=60, partition_count=1, own_user="guest")
