"""What is taken for new without a look: only what is going to be made, so that the commit can see to it."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.twins.environment import START, EnvironmentTwin
from tests.twins.orders import order
from worker.domain import Level, Stock
from worker.lane.decoding import Request, decode
from worker.lane.new_holds import taken_for_new
from worker.lane.ports import BundleKind, Delivery

HOLD = ("A", "order:17#2")
STOCKS = {"A": Stock(3, {"main": Level(9, 4)})}


def _line(number: int = 1, kind: str = "reserve_line", **more: Any) -> Delivery:
    fields = {"reservation_id": HOLD[1], "order_id": "17"} | more
    return order(number, kind, fields.pop("quantity", None), **fields)


def _reserve(number: int = 1, quantity: int = 5, **more: Any) -> Delivery:
    later = (START + timedelta(seconds=30)).isoformat()
    return _line(number, quantity=quantity, **{"not_after": later, **more})


def _on_leg(delivery: Delivery) -> Delivery:
    return delivery._replace(bundle=BundleKind.ASKED)


def _taken(*deliveries: Delivery) -> set[tuple[str, str]]:
    requests = [decode(delivery, 0, 1) for delivery in deliveries]
    assert all(isinstance(request, Request) for request in requests), requests
    return taken_for_new([request for request in requests if isinstance(request, Request)], STOCKS, EnvironmentTwin())


def test_what_a_leg_asks_for_is_taken_for_new() -> None:
    assert _taken(_on_leg(_reserve()), order(2, "purchase", 1)) == {HOLD}


def test_a_second_copy_changes_nothing() -> None:
    assert _taken(_on_leg(_reserve()), _on_leg(_reserve())) == {HOLD}


@pytest.mark.parametrize(
    "delivery",
    [
        _on_leg(_reserve(quantity=6)),
        _on_leg(_reserve(quantity=6, allow_partial=True)),
        _on_leg(_reserve(location="attic")),
        _on_leg(_reserve(not_after=START.isoformat())),
        _on_leg(_line(kind="fulfil_line")),
        _on_leg(_line(kind="release_line")),
        order(1, "reserve", 1, reservation_id="r"),
        order(1, "fulfil", 1, reservation_id="r"),
        order(1, "purchase", 1),
    ],
    ids=lambda delivery: f"{json.loads(delivery.body)['type']} {delivery.bundle}",
)
def test_what_others_ask_for_and_what_may_be_refused_is_looked_up(delivery: Delivery) -> None:
    assert _taken(delivery) == set()


def test_what_is_named_in_another_way_besides_is_looked_up() -> None:
    other = _on_leg(_line(2, "release_line"))
    for deliveries in ([_on_leg(_reserve()), other], [other, _on_leg(_reserve())]):
        assert _taken(*deliveries) == set()


def test_the_ids_of_others_are_their_own() -> None:
    second = _on_leg(_reserve(2, reservation_id="order:18#1", command_id=str(UUID(int=2))))
    assert _taken(_on_leg(_reserve()), second) == {HOLD, ("A", "order:18#1")}
