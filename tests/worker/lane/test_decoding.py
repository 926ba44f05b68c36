import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.partitions import partition_of
from schemas.reasons import Reason
from tests.worker.lane.rubbish import COMMAND_ID, EVERY_RUBBISH, SKU, USER, Rubbish, command_body
from worker.lane.answers import dead_letter_answer
from worker.lane.decoding import BODY_LIMIT_BYTES, Request, Unprocessable, decode
from worker.lane.ports import Delivery

PARTITION_COUNT = 16
PARTITION = partition_of(SKU, PARTITION_COUNT)


@pytest.mark.parametrize("rubbish", EVERY_RUBBISH, ids=lambda rubbish: rubbish.name)
def test_rubbish_is_told_what_is_wrong_and_where(rubbish: Rubbish) -> None:
    found = _unprocessable(rubbish.body)
    assert (found.reason, found.error) == (Reason.INVALID, rubbish.message)


@pytest.mark.parametrize("rubbish", EVERY_RUBBISH, ids=lambda rubbish: rubbish.name)
def test_the_answer_to_rubbish_says_what_could_be_made_out_of_it(rubbish: Rubbish) -> None:
    answer = json.loads(dead_letter_answer(_unprocessable(rubbish.body), reply_to="till").reply.body)
    known = {name: value for name, value in answer.items() if value is not None}
    expected = {
        "command_id": rubbish.command_id,
        "outcome": "dead_lettered",
        "type": rubbish.command_type,
        "sku": rubbish.sku,
        "quantity": rubbish.quantity,
        "reason": "invalid",
        "message": rubbish.message,
    }
    assert known == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize("rubbish", EVERY_RUBBISH, ids=lambda rubbish: rubbish.name)
def test_the_same_rubbish_gets_the_same_bytes_every_time(rubbish: Rubbish) -> None:
    first, second = (
        dead_letter_answer(
            _decode_unprocessable(Delivery(rubbish.body, tag, "orders.commands.07", "partition.07", redelivered=again)),
            reply_to=None,
        ).reply
        for tag, again in ((1, False), (99, True))
    )
    assert first == second


@pytest.mark.parametrize("rubbish", EVERY_RUBBISH, ids=lambda rubbish: rubbish.name)
def test_no_error_is_too_long_for_a_header(rubbish: Rubbish) -> None:
    assert len(_unprocessable(rubbish.body).error.encode()) < 2_000


TEXTS = st.text(st.sampled_from("a7 \0\x1fé\ud800\U0010ffff"), max_size=10)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
CHANGED_FIELDS = st.dictionaries(
    st.sampled_from(["type", "command_id", "sku", "location", "quantity", "user", "issued_at", "x"]), JSON_VALUES
)


@given(st.binary(max_size=200) | CHANGED_FIELDS.map(lambda changes: command_body(**changes)))
def test_nothing_that_can_be_sent_raises(body: bytes) -> None:
    found = decode(_delivery(body), PARTITION, PARTITION_COUNT)
    if isinstance(found, Unprocessable):
        assert found.error
        assert dead_letter_answer(found, reply_to=None).reply.body


@pytest.mark.parametrize("correlation_id", [COMMAND_ID, COMMAND_ID.upper()])
def test_an_unreadable_body_is_answered_under_its_correlation_id(correlation_id: str) -> None:
    found = _decode_unprocessable(_delivery(b"\xff", correlation_id=correlation_id))
    assert found.command_id == UUID(COMMAND_ID)


@pytest.mark.parametrize("correlation_id", [None, "", "42", "\x00"])
def test_a_correlation_id_that_is_no_command_id_is_not_one(correlation_id: str | None) -> None:
    assert _decode_unprocessable(_delivery(b"\xff", correlation_id=correlation_id)).command_id is None


def test_the_command_id_in_the_body_counts_more_than_the_correlation_id() -> None:
    other = "99999999-2222-4333-8444-555555555555"
    found = _decode_unprocessable(_delivery(command_body(quantity=0), correlation_id=other))
    assert found.command_id == UUID(COMMAND_ID)


def test_a_large_body_is_not_looked_into() -> None:
    body = command_body(reason="x" * BODY_LIMIT_BYTES)
    found = _decode_unprocessable(_delivery(body, correlation_id=COMMAND_ID))
    assert found.error == f"the body has {len(body)} bytes; at most {BODY_LIMIT_BYTES} are allowed"
    assert (found.command_id, found.sku) == (UUID(COMMAND_ID), None)


def test_a_sku_of_another_partition_is_misrouted() -> None:
    elsewhere = (PARTITION + 1) % PARTITION_COUNT
    found = decode(_delivery(command_body()), elsewhere, PARTITION_COUNT)
    assert isinstance(found, Unprocessable)
    assert (found.reason, found.sku, found.quantity) == (Reason.MISROUTED, SKU, 6)
    assert found.error == (
        f"sku '85123A' belongs to partition {PARTITION} of 16, but the message came through partition {elsewhere}"
    )


@pytest.mark.parametrize("reply_to", ["", "two words", "a.b", "#", "*", "ü", "x" * 65])
def test_a_reply_to_that_is_no_word_is_refused_and_not_used(reply_to: str) -> None:
    found = _decode_unprocessable(_delivery(command_body(), reply_to=reply_to))
    assert found.error == f"reply_to must be one word of letters, digits, - or _ (got {reply_to[:60]!a})"


def test_a_valid_command_is_a_request() -> None:
    request = _request(_delivery(command_body(), reply_to="till-3_x", user_id=None))
    assert (request.command.sku, request.command.quantity, request.user) == (SKU, 6, USER)


def test_the_user_the_broker_verified_counts_more_than_the_one_in_the_body() -> None:
    assert _request(_delivery(command_body(), user_id="alice")).user == "alice"


@pytest.mark.parametrize(
    "changes", [{"command_id": "99999999-2222-4333-8444-555555555555"}, {"issued_at": "2026-01-31T12:00:00Z"}]
)
def test_a_command_sent_again_under_a_new_stamp_has_the_same_digest(changes: dict[str, str]) -> None:
    assert _digest() == _digest(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "restock"},
        {"quantity": 7},
        {"location": "attic"},
        {"user": "till-4"},
        {"order_id": "A-1"},
        {"reason": "gift"},
    ],
)
def test_a_command_that_asks_for_anything_else_has_another(changes: dict[str, object]) -> None:
    assert _digest() != _digest(**changes)


def _digest(**changes: object) -> bytes:
    return _request(_delivery(command_body(**changes))).digest


def _request(delivery: Delivery) -> Request:
    found = decode(delivery, PARTITION, PARTITION_COUNT)
    assert isinstance(found, Request)
    return found


def _unprocessable(body: bytes) -> Unprocessable:
    return _decode_unprocessable(_delivery(body))


def _decode_unprocessable(delivery: Delivery) -> Unprocessable:
    found = decode(delivery, PARTITION, PARTITION_COUNT)
    assert isinstance(found, Unprocessable)
    return found


def _delivery(
    body: bytes, *, correlation_id: str | None = None, reply_to: str | None = None, user_id: str | None = None
) -> Delivery:
    return Delivery(
        body,
        1,
        f"orders.commands.{PARTITION:02d}",
        f"partition.{PARTITION:02d}",
        correlation_id=correlation_id,
        reply_to=reply_to,
        user_id=user_id,
    )
