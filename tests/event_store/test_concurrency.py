"""Any interleaving of tasks ends at the exact stock (points 1, 4 and 8 of the library's promises)."""

import asyncio
import random
from collections import Counter
from typing import Any

import asyncpg
import pytest

from tests.event_store.pools import WriteOnlyPool, YieldingPool
from worker.event_store import ConcurrencyConflictError, EventStore, InventoryAggregate, RetryPolicy


async def _remove(aggregate: InventoryAggregate, item_id: str, quantity: int) -> int:
    """Return how many units were removed."""
    try:
        await aggregate.remove_stock(item_id, quantity)
    except ValueError as refusal:
        assert str(refusal).startswith("Insufficient stock: ")  # noqa: PT017 - any other must fail the test
        return 0
    return quantity


async def test_100_concurrent_additions_and_removals_end_exact(yielding_store: EventStore) -> None:
    draw = random.Random(1)
    aggregate = InventoryAggregate(yielding_store, "A")
    quantities = [draw.randint(1, 9) for _ in range(50)]
    results = await asyncio.gather(
        *(aggregate.add_stock("x", quantity) for quantity in quantities),
        *(_remove(aggregate, "x", draw.randint(1, 20)) for _ in range(50)),
    )
    removed = sum(result for result in results if isinstance(result, int))
    assert await aggregate.get_stock("x") == sum(quantities) - removed >= 0


@pytest.mark.parametrize("write_only", [False, True])
async def test_500_tasks_over_10_aggregates_end_exact_and_gapless(*, pool: asyncpg.Pool, write_only: bool) -> None:
    store = EventStore(WriteOnlyPool() if write_only else YieldingPool(pool, 7))
    aggregates = [InventoryAggregate(store, f"A{number}") for number in range(10)]
    await asyncio.gather(*(aggregate.add_stock("x", 30) for aggregate in aggregates))
    removed: Counter[int] = Counter()

    async def one(number: int) -> None:
        index = number % 10
        if number % 3:
            units = await _remove(aggregates[index], "x", 2)
            removed[index] += units
        else:
            removed[index] -= 1
            await aggregates[index].add_stock("x", 1)

    await asyncio.gather(*(one(number) for number in range(500)))
    for index, aggregate in enumerate(aggregates):
        assert await aggregate.get_stock("x") == 30 - removed[index]
        events = await store.get_events(f"A{index}")
        assert [event.version for event in events] == list(range(1, len(events) + 1))


async def test_of_two_removals_of_3_from_5_one_wins(yielding_store: EventStore) -> None:
    for run in range(20):
        aggregate = InventoryAggregate(yielding_store, f"A{run}")
        await aggregate.add_stock("x", 5)
        outcomes = await asyncio.gather(
            aggregate.remove_stock("x", 3), aggregate.remove_stock("x", 3), return_exceptions=True
        )
        errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert [str(error) for error in errors] == ["Insufficient stock: 2 < 3"]
        assert await aggregate.get_stock("x") == 2


@pytest.mark.parametrize(("item_id", "quantity"), [("x", True), ("x", 1.5), ("x", 2.0), (7, 3)])
async def test_what_cannot_be_counted_is_refused(store: EventStore, item_id: Any, quantity: Any) -> None:
    aggregate = InventoryAggregate(store, "A")
    for change in (aggregate.add_stock, aggregate.remove_stock):
        with pytest.raises(TypeError):
            await change(item_id, quantity)
    assert await store.get_events("A") == []


async def test_the_words_of_the_refusals(store: EventStore) -> None:
    aggregate = InventoryAggregate(store, "A")
    with pytest.raises(ValueError, match=r"^Insufficient stock: 0 < 1$"):
        await aggregate.remove_stock("x", 1)
    for quantity in (0, -1):
        with pytest.raises(ValueError, match=r"^Quantity must be positive$"):
            await aggregate.add_stock("x", quantity)
        with pytest.raises(ValueError, match=r"^Quantity must be positive$"):
            await aggregate.remove_stock("x", quantity)
    assert await store.get_current_version("A") == 0


async def test_two_processes_append_to_one_aggregate_and_both_get_through(pool: asyncpg.Pool) -> None:
    stores = [EventStore(YieldingPool(pool, seed)) for seed in range(2)]
    await asyncio.gather(*(store.append_event("A", "Noted", {"n": n}) for store in stores for n in range(50)))
    for store in stores:
        assert [event.version for event in await store.get_events("A")] == list(range(1, 101))
    assert all(store.counters.appended_events == 50 for store in stores)


async def test_two_processes_never_oversell(pool: asyncpg.Pool) -> None:
    patient = RetryPolicy(attempts=20, first_delay_seconds=0.01)
    stores = [EventStore(YieldingPool(pool, seed), retry_policy=patient) for seed in range(2)]
    aggregates = [InventoryAggregate(store, "A") for store in stores]
    await aggregates[0].add_stock("x", 35)
    removed = await asyncio.gather(*(_remove(aggregate, "x", 1) for aggregate in aggregates for _ in range(25)))
    assert sum(removed) == 35
    assert [await aggregate.get_stock("x") for aggregate in aggregates] == [0, 0]


async def test_a_refusal_rests_on_what_other_processes_did(pool: asyncpg.Pool) -> None:
    here, there = (InventoryAggregate(EventStore(pool), "A") for _ in range(2))
    await here.add_stock("x", 1)
    await there.add_stock("x", 9)
    await here.remove_stock("x", 10)
    assert await there.get_stock("x") == 0


async def test_the_retry_policy_ends_and_is_counted(pool: asyncpg.Pool) -> None:
    rival = EventStore(pool)

    class Overtaken(YieldingPool):
        """Each append finds that the rival was faster."""

        async def turn(self) -> None:
            await rival.append_event("A", "Noted", {})

    store = EventStore(Overtaken(pool, 0), retry_policy=RetryPolicy(attempts=3, first_delay_seconds=0.001))
    await rival.append_event("A", "StockAdded", {"item_id": "x", "quantity": 5})
    with pytest.raises(ConcurrencyConflictError):
        await InventoryAggregate(store, "A").remove_stock("x", 1)
    assert (store.counters.conflicts, store.counters.retries, store.counters.appended_events) == (3, 2, 0)
    assert await InventoryAggregate(rival, "A").get_stock("x") == 5


async def test_an_expected_version_that_moved_is_a_conflict(pool: asyncpg.Pool) -> None:
    here, there = EventStore(pool), EventStore(pool)
    await here.append_event("A", "Noted", {}, expected_version=0)
    await there.append_event("A", "Noted", {}, expected_version=1)
    with pytest.raises(ConcurrencyConflictError, match="version 2"):
        await here.append_event("A", "Noted", {}, expected_version=1)
    assert (await here.append_event("A", "Noted", {}, expected_version=2)).version == 3
    with pytest.raises(ConcurrencyConflictError, match="is at version 3, not 7"):
        await here.append_event("A", "Noted", {}, expected_version=7)


def test_delays_grow_are_limited_and_jittered() -> None:
    policy = RetryPolicy(attempts=5, first_delay_seconds=1, delay_limit_seconds=3)
    assert list(policy.delays_seconds(lambda: 1.0)) == [1, 2, 3, 3]
    assert list(policy.delays_seconds(lambda: 0.0)) == [0.5, 1, 1.5, 1.5]
