"""A shop for each test, verified at its end; ports for what listens in it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.end_to_end.shop import LiveShop, live_shop
from tests.services.ports import ReservedPort


@pytest.fixture
async def shop(amqp_url: str, migrated_database_url: str) -> AsyncIterator[LiveShop]:
    async with live_shop(amqp_url, migrated_database_url) as shop:
        yield shop


@pytest.fixture
def http_port() -> Iterator[int]:
    """Give a port that a program under test can listen on."""
    port = ReservedPort()
    yield port.number
    port.close()
