import json
from typing import get_args

import pytest

from schemas.commands import StockCommand
from tests.twins.environment import START
from worker import domain
from worker.event_store import EventRecord, fold_stock
from worker.event_store.events import Event
from worker.event_store.stock import CHANGES
from worker.lane.command_codec import COMMANDS
from worker.lane.event_codec import DATA, event_data, event_type, stored_event

EVENTS: list[domain.Event] = [
    domain.StockAdded("main", 5),
    domain.StockRemoved("main", 5),
    domain.StockAdjusted("main", -5),
    domain.StockAdjusted("main", 0),
    domain.StockTransferred("main", "attic", 5),
    domain.StockReserved("main", "r", 5, START),
    domain.StockReserved("main", "r", 5, None),
    domain.ReservationExtended("main", "r", START),
    domain.ReservationReleased("main", "r", 5),
    domain.ReservationFulfilled("main", "r", 5),
    domain.ReservationExpired("main", "r", 5),
]


def test_every_command_and_every_event_is_known() -> None:
    stock_models = set(get_args(StockCommand))
    assert set(COMMANDS) == {model.model_fields["type"].default for model in stock_models}
    assert set(DATA) == set(get_args(domain.Event)) == {type(event) for event in EVENTS}


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_an_event_is_read_as_it_was_stored(event: domain.Event) -> None:
    assert stored_event(EventRecord(event_type(event), event_data(event), 1)) == event


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_the_library_counts_what_the_domain_does(event: domain.Event) -> None:
    data = json.loads(event_data(event))
    folded = fold_stock({}, Event("", "A", event_type(event), data, START, 1))
    told = {movement.location: movement.on_hand for movement in domain.movements(event)}
    assert folded == {location: units for location, units in told.items() if event_type(event) in CHANGES}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("StockAdded", '{"item_id": "main", "quantity": 0}'),
        ("StockAdjusted", '{"item_id": "main", "difference": "5"}'),
        ("StockTransferred", '{"item_id": "main", "to_item_id": "main", "quantity": 5}'),
        ("StockTransferred", '{"item_id": "main", "quantity": 5}'),
        ("StockReserved", '{"item_id": "main", "reservation_id": "r", "quantity": 0, "expires_at": null}'),
        ("ReservationReleased", '{"item_id": "main", "quantity": 5}'),
        ("Noted", '{"item_id": "main", "quantity": 5}'),
    ],
)
def test_what_says_nothing_about_stock_is_no_event_of_ours(kind: str, data: str) -> None:
    assert stored_event(EventRecord(kind, data, 1)) is None
