"""A shop for each test, verified at its end."""

from collections.abc import AsyncIterator

import pytest

from tests.end_to_end.shop import LiveShop, live_shop


@pytest.fixture
async def shop(amqp_url: str, migrated_database_url: str) -> AsyncIterator[LiveShop]:
    async with live_shop(amqp_url, migrated_database_url) as shop:
        yield shop
