"""The tap takes whole deliveries of its channels out of any stream of frames, and nothing else."""

from itertools import pairwise
from typing import Any

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands as spec
from pamqp.body import ContentBody
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from publisher.broker.delivery_tap import Delivered, DeliveryTap
from publisher.broker.received_properties import DROPPED_HEADER, Properties, read_properties

Message = tuple[int, bool, str, dict[str, Any], bytes]

TAPPED, OTHER = 1, 2
BODY_LIMIT_BYTES = 40

MAYBE = st.none() | st.text(min_size=1, max_size=30)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "content_type": MAYBE,
        "content_encoding": MAYBE,
        "headers": st.dictionaries(st.text(min_size=1, max_size=9), st.integers(-9, 9), min_size=1, max_size=3),
        "delivery_mode": st.integers(1, 2),
        "priority": st.integers(0, 9),
        "correlation_id": MAYBE,
        "reply_to": MAYBE,
        "expiration": MAYBE,
        "message_id": MAYBE,
        "message_type": MAYBE,
        "user_id": MAYBE,
        "app_id": MAYBE,
    },
)
MESSAGES = st.tuples(
    st.integers(0, 2**40), st.booleans(), st.text(max_size=40), PROPERTIES, st.binary(max_size=3 * BODY_LIMIT_BYTES)
)


def _written(frame: Any, channel: int) -> bytes:
    return pamqp.frame.marshal(frame, channel)


def _frames(message: Message, channel: int) -> bytes:
    tag, redelivered, routing_key, properties, body = message
    frames: list[Any] = [
        spec.Basic.Deliver("a consumer", tag, redelivered, "an exchange", routing_key),
        ContentHeader(0, len(body), spec.Basic.Properties(**properties)),
        *(ContentBody(body[at : at + BODY_LIMIT_BYTES]) for at in range(0, len(body), BODY_LIMIT_BYTES)),
    ]
    return b"".join(_written(frame, channel) for frame in frames)


def _delivered(message: Message) -> Delivered:
    tag, redelivered, routing_key, properties, body = message
    known = {name: value for name, value in properties.items() if name in Properties._fields and value is not None}
    return Delivered(tag, redelivered, routing_key, Properties(**known), body)


OTHERS = st.sampled_from(
    [
        _written(Heartbeat(), 0),
        _written(spec.Basic.ConsumeOk("a consumer"), TAPPED),
        _written(spec.Basic.Ack(7), OTHER),
        _written(spec.Connection.Blocked("memory"), 0),
        _frames((1, False, "elsewhere", {}, b"not tapped"), OTHER),
    ]
)


@given(st.lists(MESSAGES | OTHERS, max_size=12), st.lists(st.integers(0, 4_000), max_size=30))
def test_whatever_the_pieces_the_stream_comes_in(pieces: list[Any], cuts: list[int]) -> None:
    stream = b"".join(piece if isinstance(piece, bytes) else _frames(piece, TAPPED) for piece in pieces)
    tap, taken = DeliveryTap(), list[Delivered]()
    tap.attach(TAPPED, taken.append)
    bounds = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    passed = b"".join(tap.divert(stream[start:end]) for start, end in pairwise(bounds))
    assert passed == b"".join(piece for piece in pieces if isinstance(piece, bytes))
    assert taken == [_delivered(piece) for piece in pieces if not isinstance(piece, bytes)]


def test_deliveries_of_two_channels_may_come_between_each_other() -> None:
    tap, first, second = DeliveryTap(), list[Delivered](), list[Delivered]()
    tap.attach(1, first.append)
    tap.attach(2, second.append)
    one: Message = (3, False, "one", {}, b"1" * 100)
    other: Message = (4, True, "other", {}, b"2" * 100)
    frames = [_frames(one, 1), _frames(other, 2)]
    ends = [frame.index(b"\xce") + 1 for frame in frames]
    stream = frames[0][: ends[0]] + frames[1][: ends[1]] + frames[0][ends[0] :] + frames[1][ends[1] :]
    assert tap.divert(stream) == b""
    assert (first, second) == ([_delivered(one)], [_delivered(other)])


def test_a_detached_channel_passes_on_again_unless_another_has_its_number() -> None:
    tap, old, new = DeliveryTap(), list[Delivered](), list[Delivered]()
    old_sink, new_sink = old.append, new.append
    stream = _frames((1, False, "k", {}, b"x"), TAPPED)
    tap.attach(TAPPED, old_sink)
    tap.detach(TAPPED, old_sink)
    assert tap.divert(stream) == stream
    tap.attach(TAPPED, new_sink)
    tap.detach(TAPPED, old_sink)
    assert tap.divert(stream) == b""
    assert (len(old), len(new)) == (0, 1)


@pytest.mark.parametrize(
    "stream",
    [b"AMQP\x00\x00\x09\x01", b"HTTP/1.1 400 Bad Request\r\n", _written(Heartbeat(), 0)[:-1] + b"\x00"],
    ids=["another version", "another protocol", "no end of a frame"],
)
def test_what_is_no_frame_is_left_to_the_client_library(stream: bytes) -> None:
    tap = DeliveryTap()
    tap.attach(TAPPED, lambda _: pytest.fail("a delivery"))
    assert tap.divert(stream) == stream
    assert tap.divert(b"more") == b"more"


FLAGS_OF_USER_AND_TEXTS = (1 << 15 | 1 << 10 | 1 << 4).to_bytes(2, "big")


def test_a_text_that_is_no_utf_8_keeps_its_length() -> None:
    values = b"\x04caf\xe9" + b"\x02\xff\xfe" + b"\x03sam"
    read = read_properties(FLAGS_OF_USER_AND_TEXTS + values, 0)
    assert (read.content_type, read.correlation_id, read.user_id) == ("caf?", "??", "sam")


def _nested_table(depth: int) -> bytes:
    """Return a table that holds a table that holds ..., as it is on the wire."""
    table = b""
    for _ in range(depth):
        table = b"\x01xF" + len(table).to_bytes(4, "big") + table
    return len(table).to_bytes(4, "big") + table


@pytest.mark.parametrize(
    "table",
    [_nested_table(2_000), b"\x00\x00\x00\x0b\x01tT" + b"\xff" * 8, b"\x00\x00\x00\x04\x01x?\x00"],
    ids=["nested beyond what Python can follow", "a time beyond every calendar", "an unknown kind of value"],
)
def test_headers_that_cannot_be_read_become_a_note_and_the_rest_is_read(table: bytes) -> None:
    flags = (1 << 13 | 1 << 12 | 1 << 9 | 1 << 6 | 1 << 4).to_bytes(2, "big")
    read = read_properties(flags + table + b"\x02" + b"\x05reply" + b"\xff" * 8 + b"\x03sam", 0)
    assert list(read.headers) == [DROPPED_HEADER]
    assert (read.reply_to, read.user_id) == ("reply", "sam")
