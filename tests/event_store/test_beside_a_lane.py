"""One store, not two: the library and a lane work on the same SKU at once, and both stay exact (points 1 and 8)."""

import asyncio
import json
from contextlib import suppress

import asyncpg

from tests.event_store.pools import YieldingPool
from tests.event_store.tables_of_others import insert_event
from tests.twins.environment import EnvironmentTwin
from tests.twins.observer import ObserverTwin
from tests.twins.orders import purchase, restock
from tests.twins.outbox import OutboxTwin
from tests.twins.queue import QueueTwin
from worker.database.topology import record_partition_count
from worker.event_store import EventStore, InventoryAggregate, PartitionStore, RetryPolicy, fold_stock
from worker.lane.lane import Lane
from worker.lane.ports import Assignment, Delivery, Ports
from worker.ledger import LaneLedger


async def test_a_lane_and_the_library_on_one_sku_both_make_progress(
    pool: asyncpg.Pool, migrated_database_url: str
) -> None:
    async with pool.acquire() as connection:
        await record_partition_count(connection, 1)
    outbox, observer = OutboxTwin(), ObserverTwin()
    partition_store = PartitionStore(migrated_database_url)
    patient = RetryPolicy(attempts=50, first_delay_seconds=0.001, delay_limit_seconds=0.05)
    store = EventStore(YieldingPool(pool, 1), retry_policy=patient)
    library = InventoryAggregate(store, "A")

    async def work_in_the_lane() -> None:
        for number in range(1, 121, 3):
            queue = QueueTwin([restock(number, 2), purchase(number + 1, 1), purchase(number + 2, 50)])
            await lane(queue).run()

    def lane(queue: QueueTwin) -> Lane:
        return Lane(
            Assignment(0, 1, "lane"),
            Ports(
                source=queue.open(),
                store=partition_store,
                outbox=outbox,
                environment=EnvironmentTwin(),
                observer=observer,
                ledger=LaneLedger(partition_store.session),
            ),
        )

    async def work_in_the_library() -> int:
        removed = 0
        for _ in range(40):
            await library.add_stock("main", 3)
            # The lane's purchase of 50 may have come in between, and have taken all there was.
            with suppress(ValueError):
                await library.remove_stock("main", 2)
                removed += 2
            await store.append_event("A", "Noted", {})
        return removed

    _, removed = await asyncio.gather(work_in_the_lane(), work_in_the_library())
    await partition_store.close()
    answers = [json.loads(reply.body) for reply in outbox.replies]
    taken = sum(50 for answer in answers if answer["quantity"] == 50 and answer["outcome"] == "applied")
    expected = 40 * (2 - 1) + 40 * 3 - removed - taken
    assert len(answers) == 120
    assert [answer["sequence"] for answer in answers] == list(range(1, 121))
    assert await library.get_stock("main") == expected
    assert (await store.replay_events("A", fold_stock))["main"] == expected
    row = await pool.fetchrow("SELECT on_hand, version FROM stock_levels")
    audit = await pool.fetch("SELECT delta, balance FROM audit_log ORDER BY version")
    assert row["on_hand"] == sum(entry["delta"] for entry in audit) == audit[-1]["balance"] == expected
    versions = [event.version for event in await store.get_events("A")]
    assert versions == list(range(1, len(versions) + 1))
    assert len(observer.conflicts) + store.counters.conflicts > 0


async def test_a_lane_that_meets_a_librarys_append_loads_again(pool: asyncpg.Pool, migrated_database_url: str) -> None:
    async with pool.acquire() as connection:
        await record_partition_count(connection, 1)
    store = EventStore(pool)
    outbox, observer = OutboxTwin(), ObserverTwin()
    partition_store = PartitionStore(migrated_database_url)

    # Between the first batch, which fills the lane's cache, and the second, the library appends.
    queue = QueueTwin([restock(1, 5)])
    source = queue.open()
    take = source.take

    async def take_after_the_library(limit: int, *, wait: bool = True) -> list[Delivery]:
        if not queue.messages and not outbox.replies[1:]:
            await InventoryAggregate(store, "A").remove_stock("main", 4, user="library")
            queue.messages.append(purchase(2, 5))
        return await take(limit, wait=wait)

    source.take = take_after_the_library  # type: ignore[method-assign]
    lane = Lane(
        Assignment(0, 1, "lane"),
        Ports(
            source=source,
            store=partition_store,
            outbox=outbox,
            environment=EnvironmentTwin(),
            observer=observer,
            ledger=LaneLedger(partition_store.session),
        ),
    )
    await lane.run()
    await partition_store.close()
    assert observer.conflicts == ["version"]
    assert json.loads(outbox.replies[1].body)["reason"] == "insufficient_stock"
    assert await InventoryAggregate(store, "A").get_stock("main") == 1


async def test_a_lane_gives_up_on_an_oversold_sku_until_somebody_heals_it(
    pool: asyncpg.Pool, migrated_database_url: str
) -> None:
    async with pool.acquire() as connection:
        await record_partition_count(connection, 1)
    await insert_event(pool, 1, "StockRemoved", '{"item_id": "main", "quantity": 3}')
    outbox, partition_store = OutboxTwin(), PartitionStore(migrated_database_url)

    async def work(number: int, sku: str) -> None:
        await Lane(
            Assignment(0, 1, "lane"),
            Ports(
                source=QueueTwin([restock(number, 2, sku=sku)]).open(),
                store=partition_store,
                outbox=outbox,
                environment=EnvironmentTwin(),
                observer=ObserverTwin(),
                ledger=LaneLedger(partition_store.session),
            ),
            hold_reasons=(),
        ).run()

    await work(1, "A")
    await work(2, "B")
    await InventoryAggregate(EventStore(pool), "A").add_stock("main", 4)
    await work(1, "A")
    await partition_store.close()
    given_up, other, healed = [json.loads(reply.body) for reply in outbox.replies]
    assert (given_up["outcome"], given_up["reason"]) == ("dead_lettered", "failed")
    assert "(A, main, -3, 0, 1)" in given_up["message"]
    assert (other["outcome"], other["available"]) == ("applied", 2)
    assert (healed["outcome"], healed["available"], healed["version"]) == ("applied", 3, 3)
