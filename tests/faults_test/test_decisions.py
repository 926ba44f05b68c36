"""The checker's own telling of the rules, where reservations and times make them subtle."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.checker.decisions import Refused, Shelf, decide

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _shelf() -> Shelf:
    shelf = Shelf()
    decide(shelf, {"type": "restock", "quantity": 10}, NOW)
    decide(shelf, {"type": "reserve", "quantity": 4, "reservation_id": "r", "expires_in": 5}, NOW)
    return shelf


@pytest.mark.parametrize(
    ("body", "later_seconds", "reason"),
    [
        ({"type": "purchase", "quantity": 7}, 0, "insufficient_stock"),
        ({"type": "transfer", "quantity": 7, "to_location": "shop"}, 0, "insufficient_stock"),
        ({"type": "adjust", "set_to": 3}, 0, "below_reserved"),
        ({"type": "reserve", "quantity": 1, "reservation_id": "r"}, 0, "reservation_exists"),
        ({"type": "fulfil", "reservation_id": "other"}, 0, "unknown_reservation"),
        ({"type": "fulfil", "reservation_id": "r", "location": "shop"}, 0, "unknown_reservation"),
        ({"type": "fulfil", "reservation_id": "r"}, 5, "reservation_expired"),
        ({"type": "release", "reservation_id": "r", "quantity": 5}, 4, "quantity_exceeds_reservation"),
        ({"type": "expire", "reservation_id": "r", "expires_at": NOW}, 5, "not_due"),
    ],
)
def test_a_refusal_changes_nothing(body: dict[str, Any], later_seconds: int, reason: str) -> None:
    shelf = _shelf()
    with pytest.raises(Refused, match=reason):
        decide(shelf, body, NOW + timedelta(seconds=later_seconds))
    assert (shelf.version, shelf.available("main"), shelf.holds["r"].held) == (2, 6, 4)


@pytest.mark.parametrize(
    ("body", "moves", "left"),
    [
        ({"type": "purchase", "quantity": 6}, [("main", -6, 0)], (4, 4)),
        ({"type": "transfer", "quantity": 6, "to_location": "shop"}, [("main", -6, 0), ("shop", 6, 0)], (4, 4)),
        ({"type": "adjust", "set_to": 4}, [("main", -6, 0)], (4, 4)),
        ({"type": "adjust", "difference": 1}, [("main", 1, 0)], (11, 4)),
        ({"type": "fulfil", "reservation_id": "r"}, [("main", -4, -4)], (6, 0)),
        ({"type": "release", "reservation_id": "r", "quantity": 1}, [("main", 0, -1)], (10, 3)),
        ({"type": "extend", "reservation_id": "r", "expires_in": 9}, [("main", 0, 0)], (10, 4)),
        (
            {"type": "expire", "reservation_id": "r", "expires_at": NOW + timedelta(seconds=5)},
            [("main", 0, -4)],
            (10, 0),
        ),
    ],
)
def test_what_is_applied_moves_units(body: dict[str, Any], moves: list[Any], left: tuple[int, int]) -> None:
    shelf = _shelf()
    assert decide(shelf, body, NOW) == moves
    assert (shelf.on_hand["main"], shelf.reserved["main"]) == left
    assert shelf.version == 3


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("fulfil", "already_fulfilled"), ("release", "already_released"), ("expire", "reservation_expired")],
)
def test_what_holds_nothing_any_more_says_why(kind: str, reason: str) -> None:
    shelf = _shelf()
    body = {"type": kind, "reservation_id": "r", "expires_at": NOW + timedelta(seconds=5)}
    decide(shelf, body, NOW)
    with pytest.raises(Refused, match=reason):
        decide(shelf, {"type": "fulfil", "reservation_id": "r"}, NOW)
