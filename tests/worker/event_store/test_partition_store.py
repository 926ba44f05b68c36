"""What only the real store can meet: connections that break, and statements that are given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.proxy import Proxy
from tests.worker.event_store.batches import added, refused
from tests.worker.event_store.shelves import PostgresShelf, postgres_shelf
from worker.event_store import Answered, Committed, PartitionStore, StoreUnavailable

pytestmark = pytest.mark.usefixtures("shelf")

BLOCKED_TIMEOUT_SECONDS = 30.0


@pytest.fixture
async def shelf(migrated_database_url: str) -> AsyncIterator[PostgresShelf]:
    async with postgres_shelf(migrated_database_url) as shelf:
        yield shelf


@pytest.fixture
async def proxy(migrated_database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.to(migrated_database_url) as proxy:
        yield proxy


@pytest.fixture
async def store(migrated_database_url: str, proxy: Proxy) -> AsyncIterator[PartitionStore]:
    store = PartitionStore(proxy.url(migrated_database_url))
    yield store
    await store.close()


async def test_a_connection_that_was_cut_is_unavailable_once_and_then_opened_anew(
    store: PartitionStore, proxy: Proxy
) -> None:
    term = await store.claim(0, "owner")
    proxy.cut()
    with pytest.raises(StoreUnavailable):
        await store.commit(term, added(1))
    assert await store.commit(term, added(1)) == Committed()
    assert store.session.connection_count == 2


async def test_a_server_that_refuses_is_unavailable_until_it_is_back(store: PartitionStore, proxy: Proxy) -> None:
    proxy.refuse()
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await store.claim(0, "owner")
    await proxy.heal()
    assert (await store.claim(0, "owner")).epoch == 1


async def test_a_commit_cut_off_while_it_waits_is_in_doubt_and_its_answer_can_be_asked_for(
    store: PartitionStore, proxy: Proxy, shelf: PostgresShelf
) -> None:
    term = await store.claim(0, "owner")
    async with _fence_locked(shelf):
        commit = asyncio.create_task(store.commit(term, added(1)))
        await _until_a_statement_waits(shelf)
        proxy.cut()
        with pytest.raises(StoreUnavailable):
            await commit
    # Whether the server finished it or not, the next term tells.
    term = await store.claim(0, "owner")
    outcome = await store.commit(term, added(1))
    assert isinstance(outcome, Answered if term.sequence else Committed)
    assert await shelf.counts() == dict.fromkeys(await shelf.counts(), 1)


async def test_a_cancelled_commit_leaves_no_connection_behind_that_could_still_write(
    store: PartitionStore, shelf: PostgresShelf
) -> None:
    term = await store.claim(0, "owner")
    async with _fence_locked(shelf):
        commit = asyncio.create_task(store.commit(term, added(1)))
        await _until_a_statement_waits(shelf)
        commit.cancel()
        with pytest.raises(asyncio.CancelledError):
            await commit
    newer = await store.claim(0, "owner")
    assert store.session.connection_count == 2
    assert newer.epoch == term.epoch + 1
    assert await store.commit(newer, refused(2)) == Committed()


async def test_closing_twice_and_before_the_first_use_is_harmless(migrated_database_url: str) -> None:
    store = PartitionStore(migrated_database_url)
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.claim(99, "owner")
    await store.close()
    await store.close()


async def test_a_missing_table_is_waited_for_and_costs_no_command(shelf: PostgresShelf, store: PartitionStore) -> None:
    term = await store.claim(0, "owner")
    await shelf.connection.execute("ALTER TABLE audit_log RENAME TO away")
    with pytest.raises(StoreUnavailable):
        await store.commit(term, added(1))
    await shelf.connection.execute("ALTER TABLE away RENAME TO audit_log")
    assert await store.commit(term, added(1)) == Committed()


@asynccontextmanager
async def _fence_locked(shelf: PostgresShelf) -> AsyncIterator[None]:
    """Let every commit of partition 0 wait until the end of the block."""
    async with shelf.connection.transaction():
        await shelf.connection.execute("SELECT FROM partitions WHERE partition = 0 FOR UPDATE")
        yield


async def _until_a_statement_waits(shelf: PostgresShelf) -> None:
    async with asyncio.timeout(BLOCKED_TIMEOUT_SECONDS):
        while not await shelf.connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            """Asking takes as long as a pause would."""
