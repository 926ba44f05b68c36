"""The frames written by hand are those that pamqp writes."""

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands as spec
from pamqp.base import Frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from publisher.broker.frames import publish_frames
from publisher.broker.messages import OutgoingMessage

TEXTS = st.text(max_size=60)
MAYBE = st.none() | TEXTS
HEADERS = st.none() | st.dictionaries(
    st.text(min_size=1, max_size=20), TEXTS | st.integers(-(2**31), 2**31), max_size=4
)
BODY_LIMIT_BYTES = 50

MESSAGES = st.builds(
    OutgoingMessage,
    exchange=st.from_regex(r"[a-z.-]{0,40}", fullmatch=True),
    routing_key=TEXTS,
    body=st.binary(max_size=170),
    correlation_id=MAYBE,
    reply_to=MAYBE,
    user_id=MAYBE,
    headers=HEADERS,
    content_type=MAYBE,
    mandatory=st.booleans(),
)


def _by_pamqp(message: OutgoingMessage, message_id: str | None, channel: int) -> bytes:
    properties = spec.Basic.Properties(
        content_type=message.content_type,
        headers=dict(message.headers) if message.headers else None,
        delivery_mode=2,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        message_id=message_id,
        user_id=message.user_id,
    )
    publish = spec.Basic.Publish(
        exchange=message.exchange, routing_key=message.routing_key, mandatory=message.mandatory
    )
    pieces = [message.body[start : start + BODY_LIMIT_BYTES] for start in range(0, len(message.body), BODY_LIMIT_BYTES)]
    frames: list[Frame | ContentHeader | ContentBody] = [
        publish,
        ContentHeader(0, len(message.body), properties),
        *map(ContentBody, pieces),
    ]
    return b"".join(pamqp.frame.marshal(frame, channel) for frame in frames)


@given(MESSAGES, MAYBE, st.integers(1, 65_535))
def test_the_bytes_are_those_of_pamqp(message: OutgoingMessage, message_id: str | None, channel: int) -> None:
    written = publish_frames(message, message_id, channel, BODY_LIMIT_BYTES)
    assert written == _by_pamqp(message, message_id, channel)


def test_a_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="256 bytes"):
        publish_frames(OutgoingMessage("", "x" * 256, b""), None, 1, BODY_LIMIT_BYTES)
