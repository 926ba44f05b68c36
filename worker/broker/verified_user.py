"""Who sent a message, as the broker has checked it.

The broker accepts a `user_id` only on that user's own connection. A forwarder
therefore cannot pass it on: it puts its own name there, and the sender's into a
header. That header counts only on a message whose `user_id`, checked by the
broker, is the worker's own; a publisher with other credentials cannot forge it.
"""

from collections.abc import Mapping
from typing import Any

FORWARDED_HEADER = "orders-forwarded"
"""The `user_id` that the broker had verified, or an empty text where the sender named none."""


def verified_user(user_id: str | None, headers: Mapping[str, Any], own_user: str) -> str | None:
    """Return the user the broker has verified as the sender, or None where the sender named none."""
    forwarded = headers.get(FORWARDED_HEADER)
    if user_id is None or user_id != own_user or not isinstance(forwarded, str):
        return user_id
    return forwarded or None
