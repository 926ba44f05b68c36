"""The headers of a message that is passed on, made safe to be written again."""

from collections.abc import Mapping
from typing import Any

import pamqp.encode

from publisher.broker.received_properties import DROPPED_HEADER

CARRIED_LIMIT_BYTES = 64 * 1024
"""All headers share one frame of at most 128 KiB with ours; over that, the broker closes the connection."""


def carried(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return `headers`, or a note in their place where they cannot be written again."""
    if not headers:
        return {}
    try:
        size_bytes = len(pamqp.encode.field_table(dict(headers)))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return {DROPPED_HEADER: f"they could not be written again: {error}"}
    if size_bytes > CARRIED_LIMIT_BYTES:
        return {DROPPED_HEADER: f"they had {size_bytes} bytes; at most {CARRIED_LIMIT_BYTES} are passed on"}
    return dict(headers)
