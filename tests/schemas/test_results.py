import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.commands import COMMAND_TYPES
from schemas.reasons import Reason
from schemas.results import LineResult, OrderResult, Outcome, Result, encode_result, parse_result, reply_routing_key
from schemas.texts import REPLY_TO_LIMIT_BYTES, ROUTING_KEY_LIMIT_BYTES
from tests.schemas.commands import skus

FIELDS = [
    "command_id",
    "outcome",
    "type",
    "sku",
    "location",
    "quantity",
    "reason",
    "message",
    "on_hand",
    "reserved",
    "available",
    "version",
    "partition",
    "sequence",
    "user",
    "committed_at",
    "to_location",
    "reservation_id",
    "expires_at",
]

_COUNTS = st.none() | st.integers(0, 2**62)

RESULTS = st.builds(
    Result,
    command_id=st.none() | st.uuids(),
    outcome=st.sampled_from(Outcome),
    type=st.none() | st.sampled_from(COMMAND_TYPES),
    sku=st.none() | skus(),
    location=st.none() | skus(),
    quantity=_COUNTS,
    reason=st.none() | st.sampled_from(Reason),
    message=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    on_hand=_COUNTS,
    reserved=_COUNTS,
    available=_COUNTS,
    version=_COUNTS,
    partition=st.none() | st.integers(0, 99),
    sequence=_COUNTS,
    user=st.none() | skus(),
    committed_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    to_location=st.none() | st.text(),
    reservation_id=st.none() | st.text(),
    expires_at=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@given(RESULTS)
def test_a_result_survives_the_wire(result: Result) -> None:
    assert parse_result(encode_result(result)) == result


@given(RESULTS)
def test_a_result_is_encoded_the_same_every_time(result: Result) -> None:
    encoded = encode_result(result)
    assert encode_result(parse_result(encoded)) == encoded


ORDER_RESULT = OrderResult(
    command_id=UUID(int=7),
    outcome=Outcome.REJECTED,
    type="place_order",
    sku=None,
    location=None,
    quantity=None,
    reason=Reason.INSUFFICIENT_STOCK,
    message="A at main: 3 wanted at main, 2 available",
    order_id="1700",
    lines=(
        LineResult(
            sku="A",
            location="main",
            quantity=3,
            sold=0,
            reason=Reason.INSUFFICIENT_STOCK,
            message="3 wanted at main, 2 available",
        ),
    ),
)


def test_a_result_about_an_order_survives_the_wire() -> None:
    encoded = encode_result(ORDER_RESULT)
    assert parse_result(encoded) == ORDER_RESULT
    assert list(json.loads(encoded)) == [*FIELDS, "order_id", "lines"]
    assert ORDER_RESULT.aggregate_id == "order:1700"


@given(RESULTS)
def test_every_field_is_always_there_and_in_its_place(result: Result) -> None:
    assert list(json.loads(encode_result(result))) == FIELDS


def test_a_result_on_the_wire() -> None:
    result = Result(
        command_id=None,
        outcome=Outcome.REJECTED,
        type="purchase",
        sku="é",
        location="main",
        quantity=6,
        reason=Reason.INSUFFICIENT_STOCK,
        message="only 5",
        committed_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
    )
    assert encode_result(result).decode() == (
        '{"command_id":null,"outcome":"rejected","type":"purchase","sku":"é","location":"main","quantity":6,'
        '"reason":"insufficient_stock","message":"only 5","on_hand":null,"reserved":null,"available":null,'
        '"version":null,"partition":null,"sequence":null,"user":null,"committed_at":"2026-01-31T12:00:00Z",'
        '"to_location":null,"reservation_id":null,"expires_at":null}'
    )


@pytest.mark.parametrize("rubbish", [b"", b"{}", b'{"outcome": "applied"}', b"[]", b"\xff"])
def test_what_is_no_result_is_refused(rubbish: bytes) -> None:
    with pytest.raises(ValidationError):
        parse_result(rubbish)


def test_routing_keys() -> None:
    assert reply_routing_key("till-3", Outcome.APPLIED, "purchase", "a.b") == "till-3.applied.purchase.a.b"
    assert reply_routing_key(None, Outcome.DEAD_LETTERED, None, None) == "-.dead_lettered.-.-"


@given(skus())
def test_a_routing_key_always_fits(sku: str) -> None:
    for outcome in Outcome:
        for kind in COMMAND_TYPES:
            key = reply_routing_key("x" * REPLY_TO_LIMIT_BYTES, outcome, kind, sku)
            assert len(key.encode()) <= ROUTING_KEY_LIMIT_BYTES
