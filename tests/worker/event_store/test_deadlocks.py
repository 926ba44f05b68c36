"""Two lanes that record the same command ids, each in its own order."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.worker.event_store.batches import TIMESTAMP, batch_of, refused
from tests.worker.event_store.shelves import PostgresShelf, postgres_shelf
from worker.event_store import Committed, ConcurrencyConflictError, OrderRow, PartitionStore

BLOCKED_TIMEOUT_SECONDS = 30.0


@pytest.fixture
async def shelf(migrated_database_url: str) -> AsyncIterator[PostgresShelf]:
    async with postgres_shelf(migrated_database_url) as shelf:
        yield shelf


@pytest.mark.parametrize("is_ordering", [False, True])
async def test_lanes_that_record_the_same_ids_in_opposite_order_do_not_deadlock(
    migrated_database_url: str, shelf: PostgresShelf, *, is_ordering: bool
) -> None:
    stores = [PartitionStore(migrated_database_url) for _ in range(2)]
    terms = [await store.claim(partition, "owner") for partition, store in enumerate(stores)]
    batches = [batch_of(*(refused(number) for number in numbers)) for numbers in [(1, 2, 3), (3, 2, 1)]]
    if is_ordering:
        batches[0].orders["order:1"] = OrderRow("order:1", UUID(int=9), "pending", TIMESTAMP, "{}", "{}", 1)
    transaction = shelf.connection.transaction()
    await transaction.start()
    await shelf.connection.execute(
        "INSERT INTO commands (command_id, digest, partition, sequence, answer) VALUES ($1, '', 2, 1, '{}')",
        refused(2).commands[0].command_id,
    )
    commits = [
        asyncio.create_task(store.commit(term, batch))
        for store, term, batch in zip(stores, terms, batches, strict=True)
    ]
    async with asyncio.timeout(BLOCKED_TIMEOUT_SECONDS):
        while await shelf.connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < len(commits):
            """Asking takes as long as a pause would."""
    await transaction.rollback()
    outcomes = await asyncio.gather(*commits, return_exceptions=True)
    for store in stores:
        await store.close()
    assert Committed() in outcomes
    assert [type(outcome) for outcome in outcomes if outcome != Committed()] == [ConcurrencyConflictError]
