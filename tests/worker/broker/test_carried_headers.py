from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from publisher.broker.received_properties import DROPPED_HEADER
from worker.broker.carried_headers import CARRIED_LIMIT_BYTES, carried


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"trace": "abc", "count": 3, "ratio": 1.5, "flag": True, "nothing": None},
        {"nested": {"list": [1, "two", {"three": 3}]}},
        {"when": datetime(2026, 1, 31, tzinfo=UTC), "price": Decimal("1.50"), "bytes": bytearray(b"\xff")},
    ],
)
def test_headers_are_carried_as_they_are(headers: dict[str, Any]) -> None:
    assert carried(headers) == headers


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"bytes": b"\xff"}, "they could not be written again: "),
        ({"trace": "x" * CARRIED_LIMIT_BYTES}, "they had 65551 bytes; at most 65536 are passed on"),
        ({"number": 2**70}, "they could not be written again: "),
    ],
)
def test_what_cannot_be_written_again_is_replaced_by_a_note(headers: dict[str, Any], why: str) -> None:
    dropped = carried(headers)
    assert list(dropped) == [DROPPED_HEADER]
    assert dropped[DROPPED_HEADER].startswith(why)


def test_headers_nested_too_deeply_to_be_written_again_are_replaced_by_a_note() -> None:
    headers: dict[str, object] = {}
    for _ in range(2_000):
        headers = {"x": headers}
    assert list(carried(headers)) == [DROPPED_HEADER]
