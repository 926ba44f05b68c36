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
