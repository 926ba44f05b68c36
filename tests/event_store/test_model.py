"""Any sequence of operations, snapshots, evictions, restarts and conflicts equals a twenty-line model."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.event_store.pools import YieldingPool
from tests.services import Services
from tests.services.databases import fresh_database
from worker.database.migrator import migrate
from worker.event_store import ConcurrencyConflictError, EventStore, InventoryAggregate, ReadModelProjection, fold_stock


class Model:
    """What the store must do, said in the fewest words: a list of events, and their sum."""

    def __init__(self) -> None:
        self.events: dict[str, list[tuple[str, str, int]]] = {}
        self.snapshot_versions: dict[str, int] = {}

    def append(self, aggregate_id: str, event_type: str, item_id: str, quantity: int) -> None:
        self.events.setdefault(aggregate_id, []).append((event_type, item_id, quantity))

    def version(self, aggregate_id: str) -> int:
        return len(self.events.get(aggregate_id, []))

    def stock(self, aggregate_id: str, version: int | None = None) -> dict[str, int]:
        stock: dict[str, int] = {}
        for event_type, item_id, quantity in self.events.get(aggregate_id, [])[:version]:
            sign = {"StockAdded": 1, "StockRemoved": -1, "Noted": 0}[event_type]
            if sign:
                stock[item_id] = stock.get(item_id, 0) + sign * quantity
        return stock

    def snapshot(self, aggregate_id: str, version: int) -> None:
        self.snapshot_versions[aggregate_id] = max(version, self.snapshot_versions.get(aggregate_id, 0))


AGGREGATES = some.sampled_from(["A", "B", "C"])
ITEMS = some.sampled_from(["x", "y"])
QUANTITIES = some.integers(1, 9)


class StoreMachine(RuleBasedStateMachine):
    """Two processes, each with a store over a pool that yields at random and a cache of one aggregate."""

    runner: asyncio.Runner
    pool: asyncpg.Pool

    @initialize(seed=some.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.model = Model()
        self.names: dict[str, str] = {}
        self.yielding = YieldingPool(self.pool, seed)
        self.stores = [self.new_store(), self.new_store()]
        self.projection = ReadModelProjection()
        self.run(self.projection.rebuild(self.stores[0]))

    def new_store(self) -> EventStore:
        return EventStore(self.yielding, cache_limit_aggregates=1, handler_queue_limit_events=2)

    def run(self, awaitable: Any) -> Any:
        async def awaited() -> Any:
            return await awaitable

        return self.runner.run(awaited())

    def name(self, aggregate_id: str) -> str:
        """Return a name of this example's own: all examples share one database."""
        return self.names.setdefault(aggregate_id, f"{aggregate_id}-{uuid.uuid4()}")

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES, item_id=ITEMS, quantity=QUANTITIES)
    def add(self, process: int, aggregate_id: str, item_id: str, quantity: int) -> None:
        aggregate = InventoryAggregate(self.stores[process], self.name(aggregate_id))
        event = self.run(aggregate.add_stock(item_id, quantity))
        self.model.append(aggregate_id, "StockAdded", item_id, quantity)
        assert event.version == self.model.version(aggregate_id)

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES, item_id=ITEMS, quantity=QUANTITIES)
    def remove(self, process: int, aggregate_id: str, item_id: str, quantity: int) -> None:
        aggregate = InventoryAggregate(self.stores[process], self.name(aggregate_id))
        current = self.model.stock(aggregate_id).get(item_id, 0)
        if current < quantity:
            with pytest.raises(ValueError, match=f"^Insufficient stock: {current} < {quantity}$"):
                self.run(aggregate.remove_stock(item_id, quantity))
            return
        self.run(aggregate.remove_stock(item_id, quantity))
        self.model.append(aggregate_id, "StockRemoved", item_id, quantity)

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES, count=some.integers(1, 3))
    def note(self, process: int, aggregate_id: str, count: int) -> None:
        self.run(self.stores[process].append_events(self.name(aggregate_id), [("Noted", {})] * count))
        for _ in range(count):
            self.model.append(aggregate_id, "Noted", "", 0)

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES, offset=some.integers(-2, 2))
    def append_expecting(self, process: int, aggregate_id: str, offset: int) -> None:
        store, expected = self.stores[process], self.model.version(aggregate_id) + offset
        appending = store.append_event(self.name(aggregate_id), "Noted", {}, expected_version=expected)
        if offset:
            with pytest.raises(ConcurrencyConflictError):
                self.run(appending)
        else:
            self.run(appending)
            self.model.append(aggregate_id, "Noted", "", 0)

    @rule(aggregate_id=AGGREGATES, item_id=ITEMS, quantity=QUANTITIES)
    def add_from_both_at_once(self, aggregate_id: str, item_id: str, quantity: int) -> None:
        async def both() -> None:
            aggregates = [InventoryAggregate(store, self.name(aggregate_id)) for store in self.stores]
            await asyncio.gather(*(aggregate.add_stock(item_id, quantity) for aggregate in aggregates))

        self.run(both())
        for _ in range(2):
            self.model.append(aggregate_id, "StockAdded", item_id, quantity)

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES, share=some.floats(0, 1))
    def snapshot(self, process: int, aggregate_id: str, share: float) -> None:
        version = round(self.model.version(aggregate_id) * share)
        state = dict(self.model.stock(aggregate_id, version))
        saving = self.stores[process].create_snapshot(self.name(aggregate_id), state, version)
        if not version:
            with pytest.raises(ValueError, match="no snapshot at version 0"):
                self.run(saving)
            return
        self.run(saving)
        self.model.snapshot(aggregate_id, version)

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES)
    def snapshot_of_stock(self, process: int, aggregate_id: str) -> None:
        self.run(self.stores[process].create_stock_snapshot(self.name(aggregate_id)))
        if self.model.version(aggregate_id):
            self.model.snapshot(aggregate_id, self.model.version(aggregate_id))

    @rule()
    def restart(self) -> None:
        self.stores[1] = self.new_store()

    @rule()
    def rebuild(self) -> None:
        self.run(self.projection.rebuild(self.stores[0]))
        self.check_projection()

    def check_projection(self) -> None:
        for aggregate_id in self.names:
            stock = self.model.stock(aggregate_id)
            name = self.names[aggregate_id]
            assert {item_id: self.projection.get_stock(name, item_id) for item_id in stock} == stock

    @rule(process=some.integers(0, 1), aggregate_id=AGGREGATES)
    def look(self, process: int, aggregate_id: str) -> None:
        store, name = self.stores[process], self.name(aggregate_id)
        stock, version = self.model.stock(aggregate_id), self.model.version(aggregate_id)
        assert self.run(store.get_current_version(name)) == version
        assert [event.version for event in self.run(store.get_events(name))] == list(range(1, version + 1))
        assert self.run(store.replay_events(name, fold_stock)) == stock
        for item_id in "xy":
            assert self.run(InventoryAggregate(store, name).get_stock(item_id)) == stock.get(item_id, 0)
        snapshot = self.run(store.get_snapshot(name))
        if aggregate_id in self.model.snapshot_versions:
            assert snapshot.version == self.model.snapshot_versions[aggregate_id]
            assert snapshot.state == self.model.stock(aggregate_id, snapshot.version)
        else:
            assert snapshot is None

    @invariant()
    def rows_equal_the_model(self) -> None:
        for aggregate_id in getattr(self, "names", {}):
            rows = self.run(self.pool.fetch("SELECT * FROM stock_levels WHERE sku = $1", self.names[aggregate_id]))
            assert {row["location"]: row["on_hand"] for row in rows} == self.model.stock(aggregate_id)


@pytest.fixture(scope="module")
def machine(services: Services) -> Iterator[type[StoreMachine]]:
    """Give the machine with a loop and a database for all examples."""
    with asyncio.Runner() as runner:
        database = fresh_database(services.database_url)
        url = runner.run(database.__aenter__())

        async def open_pool() -> asyncpg.Pool:
            await migrate(url)
            return await asyncpg.create_pool(url, min_size=2, max_size=4)

        pool = runner.run(open_pool())
        yield type("OpenStoreMachine", (StoreMachine,), {"runner": runner, "pool": pool})
        runner.run(pool.close())
        runner.run(database.__aexit__(None, None, None))


def test_every_sequence_equals_the_model(machine: type[StoreMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
