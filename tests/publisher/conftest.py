"""A worker's twin, a client, and a network between them that a test can break."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from publisher import OrderClient
from tests.proxy import Proxy
from tests.publisher.answering_twin import PARTITION_COUNT, AnsweringTwin
from tests.publisher.dead_letters.ledger_rows import LedgerRows


@pytest.fixture
async def twin(amqp_url: str) -> AsyncIterator[AnsweringTwin]:
    async with AnsweringTwin(amqp_url) as twin:
        yield twin


@pytest.fixture
async def client(amqp_url: str, twin: AnsweringTwin) -> AsyncIterator[OrderClient]:
    assert twin.received == []
    async with OrderClient(amqp_url, name="till", partition_count=PARTITION_COUNT) as client:
        yield client


@pytest.fixture
async def proxy(amqp_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.to(amqp_url) as proxy:
        yield proxy


@pytest.fixture
async def far_client(amqp_url: str, twin: AnsweringTwin, proxy: Proxy) -> AsyncIterator[OrderClient]:
    """Give a client that reaches the broker, and the twin, through the proxy."""
    assert twin.received == []
    async with OrderClient(proxy.url(amqp_url), name="far", partition_count=PARTITION_COUNT) as client:
        yield client


@pytest.fixture
async def rows(migrated_database_url: str) -> AsyncIterator[LedgerRows]:
    """Give the ledger of a shop whose workers have been started once."""
    connection = await asyncpg.connect(migrated_database_url)
    yield await LedgerRows.of_shop(connection)
    await connection.close()


@pytest.fixture
def url(migrated_database_url: str) -> str:
    return migrated_database_url
