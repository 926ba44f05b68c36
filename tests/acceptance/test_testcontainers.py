"""The provider's other way, shown also in a run whose own servers are native."""

import aio_pika
import asyncpg
import pytest

from tests.services import containers

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


async def test_both_servers_answer_from_containers() -> None:
    containers.require_images()
    with containers.servers() as (broker, database):
        broker.start()
        database.start()
        database.wait_until_ready()
        broker.wait_until_ready()
        connection = await asyncpg.connect(database.url)
        assert await connection.fetchval("SHOW server_version_num") >= "170000"
        await connection.close()
        async with await aio_pika.connect(broker.url) as broker_connection:
            assert broker_connection.transport is not None
