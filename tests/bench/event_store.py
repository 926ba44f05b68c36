"""The event store as a library, beside plain asyncpg inserts of the same rows, which are its limit.

`python -m tests.bench.event_store DATABASE_URL` measures in a migrated database and prints the figures.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import uuid4

import asyncpg

from tests.bench import plain_inserts
from worker.database.migrator import migrate
from worker.event_store import EventStore, InventoryAggregate, fold_stock

WRITERS = 100
POOL_CONNECTIONS = 10
STOCK = ("StockAdded", {"item_id": "main", "quantity": 1})


@dataclass(frozen=True, slots=True)
class EventStoreSizes:
    """How much of everything."""

    appends: int = 2_000
    batches: int = 20
    batch_events: int = 1_000
    history_events: int = 1_000_000


async def measure(database_url: str, sizes: EventStoreSizes | None = None) -> dict[str, float]:
    """Return every figure by its name, which ends in its unit. The database must be migrated; rows stay in it."""
    sizes = sizes or EventStoreSizes()
    async with asyncpg.create_pool(
        database_url, min_size=POOL_CONNECTIONS, max_size=POOL_CONNECTIONS, command_timeout=600
    ) as pool:
        return {**await _appends(pool, sizes), **await _batches(pool, sizes), **await _history(pool, sizes)}


async def _appends(pool: asyncpg.Pool, sizes: EventStoreSizes) -> dict[str, float]:
    store = EventStore(pool)

    async def append(sku: str, _version: int) -> None:
        await store.append_event(sku, *STOCK)

    async def insert(sku: str, version: int) -> None:
        await plain_inserts.insert(pool, sku, version)

    return {
        "append_1_writer_events_per_second": await _rate(append, 1, sizes.appends),
        "append_1_writer_plain_events_per_second": await _rate(insert, 1, sizes.appends),
        "append_100_writers_events_per_second": await _rate(append, WRITERS, sizes.appends),
        "append_100_writers_plain_events_per_second": await _rate(insert, WRITERS, sizes.appends),
    }


async def _rate(append: Callable[[str, int], Awaitable[None]], writers: int, appends: int) -> float:
    """Return appends a second by so many writers, each on a SKU of its own."""

    async def write(sku: str, count: int) -> None:
        for version in range(1, count + 1):
            await append(sku, version)

    await write(str(uuid4()), 20)  # prepares the statements
    each = appends // writers
    with _stopwatch() as elapsed:
        await asyncio.gather(*(write(str(uuid4()), each) for _ in range(writers)))
    return writers * each / elapsed[0]


async def _batches(pool: asyncpg.Pool, sizes: EventStoreSizes) -> dict[str, float]:
    """Take turns, so that a busy moment of the machine hits both."""
    store, spent, plain_spent = EventStore(pool), 0.0, 0.0
    sku, plain_sku = str(uuid4()), str(uuid4())
    for number in range(sizes.batches):
        with _stopwatch() as elapsed:
            await store.append_events(sku, [STOCK] * sizes.batch_events)
        spent += elapsed[0]
        with _stopwatch() as elapsed:
            await plain_inserts.insert_many(pool, plain_sku, number * sizes.batch_events + 1, sizes.batch_events)
        plain_spent += elapsed[0]
    events = sizes.batches * sizes.batch_events
    return {
        "append_batch_events_per_second": events / spent,
        "append_batch_plain_events_per_second": events / plain_spent,
        "append_batch_of_plain_ratio": plain_spent / spent,
    }


async def _history(pool: asyncpg.Pool, sizes: EventStoreSizes) -> dict[str, float]:
    """Measure one long aggregate, first as another program may have left it: events alone."""
    sku = str(uuid4())
    await plain_inserts.insert_history(pool, sku, sizes.history_events)
    figures = {"load_without_snapshot_seconds": await _load_seconds(pool, sku, sizes.history_events)}
    with _stopwatch() as elapsed:
        replayed = await EventStore(pool).replay_events(sku, fold_stock)
    assert replayed == {"main": sizes.history_events}
    figures["replay_events_per_second"] = sizes.history_events / elapsed[0]
    figures["replay_without_snapshot_seconds"] = elapsed[0]
    await EventStore(pool).create_stock_snapshot(sku)
    figures["load_with_snapshot_seconds"] = await _load_seconds(pool, sku, sizes.history_events)
    with _stopwatch() as elapsed:
        await EventStore(pool).replay_events(sku, fold_stock)
    figures["replay_with_snapshot_seconds"] = elapsed[0]
    await InventoryAggregate(EventStore(pool), sku).add_stock("main", 1)  # brings the stock rows up to date
    figures["load_with_stock_rows_seconds"] = await _load_seconds(pool, sku, sizes.history_events + 1)
    return figures


async def _load_seconds(pool: asyncpg.Pool, sku: str, on_hand: int) -> float:
    """Return how long a store that has seen nothing yet takes until it can decide."""
    aggregate = InventoryAggregate(EventStore(pool), sku)
    with _stopwatch() as elapsed:
        await aggregate.load()
    assert await aggregate.get_stock("main") == on_hand
    return elapsed[0]


@contextmanager
def _stopwatch() -> Iterator[list[float]]:
    """Give a list that holds the elapsed seconds after the block."""
    elapsed: list[float] = []
    started = perf_counter()
    yield elapsed
    elapsed.append(perf_counter() - started)


async def _main(database_url: str) -> None:
    await migrate(database_url)
    for name, value in (await measure(database_url)).items():
        print(f"{value:14,.3f}  {name}")


def main(arguments: list[str]) -> Any:
    """Measure in the database that the one argument names; return the exit status."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return asyncio.run(_main(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
