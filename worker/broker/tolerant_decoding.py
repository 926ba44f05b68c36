"""Reads properties that break the rules of AMQP, instead of losing the connection over them.

RabbitMQ passes on what it does not look at: a short text that is not UTF-8, a
time beyond every calendar. pamqp raises at such a value while it reads the
frame, and that ends the connection, for every partition of the worker; the
message comes again and ends the next one. One careless sender would stop the
shop. What cannot be read is therefore replaced, at its own length or shorter,
so that it can be written again to the dead letters.

pamqp has no setting for that, so this module, and no other, replaces three of
its decoders; a test sends each kind of such a message through a real broker.
"""

from typing import Any

from pamqp import decode

from worker.broker.carried_headers import DROPPED_HEADER

_UNREADABLE = (ValueError, OverflowError, OSError, RecursionError)
_LENGTH_BYTES = 4
_TIMESTAMP_BYTES = 8


def tolerate_unreadable_properties() -> None:
    """Replace the decoders, for the whole process; doing it again changes nothing."""
    decode.METHODS.update(shortstr=_short_text, timestamp=_timestamp, table=_table)


def _short_text(value: bytes) -> tuple[int, str]:
    end = 1 + value[0]
    text = value[1:end]
    try:
        return end, text.decode()
    except UnicodeDecodeError:
        return end, "".join(chr(byte) if byte < 0x80 else "?" for byte in text)  # noqa: PLR2004 - where ASCII ends


def _timestamp(value: bytes) -> tuple[int, Any]:
    try:
        return decode.timestamp(value)
    except _UNREADABLE:
        return _TIMESTAMP_BYTES, None


def _table(value: bytes) -> tuple[int, dict[str, Any]]:
    try:
        return decode.field_table(value)
    except _UNREADABLE as error:
        length = int.from_bytes(value[:_LENGTH_BYTES], "big")
        return _LENGTH_BYTES + length, {DROPPED_HEADER: f"they could not be read: {error}"}
