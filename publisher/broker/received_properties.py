"""The properties of a received message, also of one that breaks the rules of AMQP.

RabbitMQ passes on what it does not look at: a short text that is not UTF-8, a
time beyond every calendar, a table nested deeper than Python can follow. Raising
would end the connection, for every partition of a worker; the message would come
again and end the next one, and one careless sender would stop the shop. What
cannot be read is therefore replaced, at its own length or shorter, so that it can
be written again to the dead letters.

AMQP 0-9-1, sections 2.3.5.2 (property flags) and 4.2.5 (the grammar of values).
"""

import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from pamqp import decode

DROPPED_HEADER = "orders-headers-dropped"
"""Says why the sender's own headers are missing."""

_UNREADABLE = (ValueError, OverflowError, OSError, RecursionError)
_NO_HEADERS: Mapping[str, Any] = {}
_LENGTH = struct.Struct(">I")
_ASCII_END = 0x80

_HAS_CONTENT_TYPE = 1 << 15
_HAS_CONTENT_ENCODING = 1 << 14
_HAS_HEADERS = 1 << 13
_HAS_DELIVERY_MODE = 1 << 12
_HAS_PRIORITY = 1 << 11
_HAS_CORRELATION_ID = 1 << 10
_HAS_REPLY_TO = 1 << 9
_HAS_EXPIRATION = 1 << 8
_HAS_MESSAGE_ID = 1 << 7
_HAS_TIMESTAMP = 1 << 6
_HAS_TYPE = 1 << 5
_HAS_USER_ID = 1 << 4

_TIMESTAMP_BYTES = 8


class Properties(NamedTuple):
    """What a message says about itself, as far as anybody here asks. What is not set is None."""

    content_type: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    user_id: str | None = None
    headers: Mapping[str, Any] = _NO_HEADERS


def read_properties(buffer: bytes, position: int) -> Properties:
    """Return the properties whose flags begin at `position`."""
    flags = buffer[position] << 8 | buffer[position + 1]
    position += 2
    content_type = correlation_id = reply_to = user_id = None
    headers = _NO_HEADERS
    # In the order of the flags, which is the order of the values.
    if flags & _HAS_CONTENT_TYPE:
        content_type, position = read_short_text(buffer, position)
    if flags & _HAS_CONTENT_ENCODING:
        position += 1 + buffer[position]
    if flags & _HAS_HEADERS:
        headers, position = _read_table(buffer, position)
    position += bool(flags & _HAS_DELIVERY_MODE) + bool(flags & _HAS_PRIORITY)
    if flags & _HAS_CORRELATION_ID:
        correlation_id, position = read_short_text(buffer, position)
    if flags & _HAS_REPLY_TO:
        reply_to, position = read_short_text(buffer, position)
    if flags & _HAS_USER_ID:
        user_id, _ = read_short_text(buffer, _after_what_nobody_asks_for(buffer, position, flags))
    return Properties(content_type, correlation_id, reply_to, user_id, headers)


def _after_what_nobody_asks_for(buffer: bytes, position: int, flags: int) -> int:
    if flags & _HAS_EXPIRATION:
        position += 1 + buffer[position]
    if flags & _HAS_MESSAGE_ID:
        position += 1 + buffer[position]
    if flags & _HAS_TIMESTAMP:
        position += _TIMESTAMP_BYTES
    if flags & _HAS_TYPE:
        position += 1 + buffer[position]
    return position


def read_short_text(buffer: bytes, position: int) -> tuple[str, int]:
    """Return the short text at `position`, and where it ends; bytes that are no UTF-8 become question marks."""
    start = position + 1
    end = start + buffer[position]
    text = buffer[start:end]
    try:
        return text.decode(), end
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < _ASCII_END else "?" for byte in text), end


def _read_table(buffer: bytes, position: int) -> tuple[Mapping[str, Any], int]:
    (size_bytes,) = _LENGTH.unpack_from(buffer, position)
    end = position + _LENGTH.size + size_bytes
    try:
        _, table = decode.field_table(buffer[position:end])
    except _UNREADABLE as error:
        return {DROPPED_HEADER: f"they could not be read: {error}"}, end
    return table, end
