"""A message on its way to the broker."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from schemas.names import JSON_CONTENT_TYPE


class OutgoingMessage(NamedTuple):
    """One persistent message.

    With `mandatory`, a message that no queue is bound for is an error; without
    it, the broker confirms and drops it.
    """

    exchange: str
    routing_key: str
    body: bytes
    correlation_id: str | None = None
    reply_to: str | None = None
    user_id: str | None = None
    headers: Mapping[str, Any] | None = None
    content_type: str | None = JSON_CONTENT_TYPE
    mandatory: bool = False
