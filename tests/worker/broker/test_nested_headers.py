"""Headers nested beyond what Python can follow do not end the connection."""

from pamqp import decode

from worker.broker.carried_headers import DROPPED_HEADER, carried
from worker.broker.tolerant_decoding import tolerate_unreadable_properties

DEPTH = 2_000


def _nested_table(depth: int) -> bytes:
    """Return a table that holds a table that holds ..., as it is on the wire."""
    table = b""
    for _ in range(depth):
        table = b"\x01xF" + len(table).to_bytes(4, "big") + table
    return len(table).to_bytes(4, "big") + table


def test_headers_that_cannot_be_read_are_replaced_by_a_note() -> None:
    tolerate_unreadable_properties()
    wire = _nested_table(DEPTH)
    consumed, headers = decode.METHODS["table"](wire)
    assert consumed == len(wire)
    assert isinstance(headers, dict)
    assert list(headers) == [DROPPED_HEADER]


def test_headers_that_cannot_be_written_again_are_replaced_by_a_note() -> None:
    headers: dict[str, object] = {}
    for _ in range(DEPTH):
        headers = {"x": headers}
    assert list(carried(headers)) == [DROPPED_HEADER]
