"""Command ids that follow from what a command is about: asking again is asking for the same."""

from hashlib import sha1
from uuid import UUID

_UUID_BYTES = 16
_SEPARATOR = b"\x1f"

_PLACING_NAMESPACE = UUID("0d1f7a52-9c6e-5b58-8a37-2f4f6e1b7c90")


def derived_id(namespace: UUID, *parts: bytes) -> UUID:
    """Return the UUID of version 5 that the name made of `parts` has in `namespace`."""
    digest = sha1(namespace.bytes + _SEPARATOR.join(parts), usedforsecurity=False).digest()
    return UUID(bytes=digest[:_UUID_BYTES], version=5)


def placing_id(order_id: str) -> UUID:
    """Return the id of the command that places the order `order_id`, where the caller names none."""
    return derived_id(_PLACING_NAMESPACE, order_id.encode(errors="surrogatepass"))
