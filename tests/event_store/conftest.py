"""Pools and stores over a migrated database of the test's own."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.event_store.pools import YieldingPool
from worker.event_store import EventStore


@pytest.fixture
async def pool(migrated_database_url: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(migrated_database_url, min_size=2, max_size=10) as pool:
        yield pool


@pytest.fixture
def store(pool: asyncpg.Pool) -> EventStore:
    return EventStore(pool)


@pytest.fixture(params=range(3), ids=lambda seed: f"seed{seed}")
def yielding_store(pool: asyncpg.Pool, request: pytest.FixtureRequest) -> EventStore:
    """Give a store in which every await lets others run."""
    return EventStore(YieldingPool(pool, request.param))
