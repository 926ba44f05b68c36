import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import aio_pika
import asyncpg
import pytest

from schemas.names import COMMANDS_EXCHANGE
from schemas.partitions import partition_queue
from tests.services import ServerControl, Services, ServicesError


async def test_the_broker_takes_a_message_and_gives_it_back(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), queue.name)
        message = await queue.get()
        assert message.body == b"hello"
        await message.ack()


async def test_the_broker_has_quorum_queues(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(partition_queue(0), durable=True, arguments={"x-queue-type": "quorum"})
        assert queue.declaration_result.message_count == 0


@pytest.mark.parametrize("test_run", [1, 2])
async def test_a_test_finds_nothing_of_another_on_the_broker(amqp_url: str, test_run: int) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        # A second declaration with other arguments is refused while the first stands.
        await channel.declare_exchange(COMMANDS_EXCHANGE, "direct" if test_run == 1 else "topic")
        await channel.declare_queue(partition_queue(99), durable=test_run == 1)


async def test_a_database_is_empty_durable_and_lets_its_user_make_more(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    finally:
        await connection.close()


async def test_a_migrated_database_has_the_schema_and_no_rows(migrated_database_url: str) -> None:
    connection = await asyncpg.connect(migrated_database_url)
    try:
        assert await connection.fetchval("SELECT count(*) FROM events") == 0
    finally:
        await connection.close()


async def test_the_brokers_own_tool_can_be_run(services: Services) -> None:
    await asyncio.to_thread(_control(services).control_broker, "await_startup")
    with pytest.raises(ServicesError, match="failed"):
        await asyncio.to_thread(_control(services).control_broker, "no_such_thing")


async def test_a_killed_database_comes_back_with_what_was_committed(services: Services, database_url: str) -> None:
    control = _control(services)
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    await asyncio.to_thread(control.kill_database)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT answer FROM kept")
    connection.terminate()
    await asyncio.to_thread(control.start_database)
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT answer FROM kept") == 42
    await connection.close()


async def test_a_stopped_database_refuses_clients_until_it_is_started(services: Services) -> None:
    control = _control(services)
    await asyncio.to_thread(control.stop_database)
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncpg.connect(services.database_url)
    await asyncio.to_thread(control.start_database)
    await (await asyncpg.connect(services.database_url)).close()


@pytest.mark.parametrize("take_away", [ServerControl.stop_broker, ServerControl.kill_broker])
async def test_a_broker_taken_away_comes_back_with_what_was_confirmed(
    services: Services, amqp_url: str, take_away: Callable[[ServerControl], None]
) -> None:
    control = _control(services)
    await _publish_confirmed(amqp_url, partition_queue(0))
    await asyncio.to_thread(take_away, control)
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection(urlsplit(amqp_url).hostname, urlsplit(amqp_url).port)
    await asyncio.to_thread(control.start_broker)
    async with await aio_pika.connect(amqp_url) as connection:
        queue = await (await connection.channel()).get_queue(partition_queue(0))
        assert (await queue.get(timeout=30)).body == b"kept"


async def _publish_confirmed(amqp_url: str, queue: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True)
        # Classic: a quorum queue declared less than two seconds before a kill never comes back.
        await channel.declare_queue(queue, durable=True)
        message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, queue)


def _control(services: Services) -> ServerControl:
    if services.control is None:
        pytest.skip("the servers are not ours to stop")
    return services.control
