"""The shapes that users rely on, and that nothing needs a running loop to be made."""

import dataclasses
import inspect

import worker.event_store as library
from tests.event_store.pools import WriteOnlyPool
from worker.event_store import (
    ConcurrencyConflictError,
    Event,
    EventStore,
    InventoryAggregate,
    ReadModelProjection,
    Snapshot,
    SnapshotWorker,
)


def test_events_and_snapshots_are_plain_dataclasses_of_exactly_this_shape() -> None:
    def shape(cls: type) -> list[str]:
        assert all(field.default is field.default_factory is dataclasses.MISSING for field in dataclasses.fields(cls))
        return [f"{name}: {parameter.annotation}" for name, parameter in inspect.signature(cls).parameters.items()]

    assert shape(Event) == [
        "event_id: <class 'str'>",
        "aggregate_id: <class 'str'>",
        "event_type: <class 'str'>",
        "data: dict[str, typing.Any]",
        "timestamp: <class 'datetime.datetime'>",
        "version: <class 'int'>",
    ]
    assert shape(Snapshot) == [
        "aggregate_id: <class 'str'>",
        "state: dict[str, typing.Any]",
        "version: <class 'int'>",
        "timestamp: <class 'datetime.datetime'>",
    ]


def test_everything_can_be_made_and_subscribed_outside_a_loop() -> None:
    store = EventStore(WriteOnlyPool())
    projection = ReadModelProjection()
    store.subscribe("StockAdded", projection.handle_event)
    SnapshotWorker(store, 5, every_events=10).register_aggregate("A")
    InventoryAggregate(store, "A")
    assert projection.get_stock("A", "x") == 0
    assert issubclass(ConcurrencyConflictError, Exception)


def test_every_public_name_is_there() -> None:
    assert all(hasattr(library, name) for name in library.__all__)


def test_the_calls_take_what_they_took_in_this_order_and_nothing_more_that_is_required() -> None:
    def names(function: object) -> list[str]:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
        assert all(each.default is not each.empty for each in parameters if each.kind is each.KEYWORD_ONLY)
        positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD and each.name != "self"]
        return [each.name + ("" if each.default is each.empty else f"={each.default}") for each in positional]

    assert {name: names(getattr(EventStore, name)) for name in STORE_CALLS} == STORE_CALLS
    assert names(InventoryAggregate) == ["event_store", "aggregate_id"]
    assert names(InventoryAggregate.add_stock) == names(InventoryAggregate.remove_stock) == ["item_id", "quantity"]
    assert names(InventoryAggregate.get_stock) == ["item_id"]
    assert names(InventoryAggregate.load) == names(ReadModelProjection) == []
    assert names(SnapshotWorker) == ["event_store", "interval_seconds=60"]
    assert names(SnapshotWorker.register_aggregate)[0] == "aggregate_id"
    assert names(ReadModelProjection.handle_event) == ["event"]
    assert names(ReadModelProjection.get_stock) == ["aggregate_id", "item_id"]


STORE_CALLS = {
    "__init__": ["db_pool"],
    "append_event": ["aggregate_id", "event_type", "data"],
    "get_events": ["aggregate_id", "from_version=0"],
    "get_events_snapshot_safe": ["aggregate_id", "from_version=0", "to_version=None"],
    "get_current_version": ["aggregate_id"],
    "create_snapshot": ["aggregate_id", "state", "version=None"],
    "get_snapshot": ["aggregate_id"],
    "replay_events": ["aggregate_id", "apply_fn"],
    "replay_events_to_version": ["aggregate_id", "apply_fn", "to_version"],
    "subscribe": ["event_type", "handler"],
}
