"""Recognises answers that came before, within a bounded memory."""

from hashlib import blake2b

REPEAT_WINDOW_LIMIT = 65_536
"""Answers remembered: about 10 MB, and minutes of a busy feed; repeats come within seconds of a reconnect."""

_DIGEST_BYTES = 16


class RepeatWindow:
    """Remembers the last `limit` different answers by a digest of their bytes.

    An answer is repeated byte for byte, so equal bytes are a repeat and
    different bytes are not. One that comes again after `limit` others passes
    as new.
    """

    def __init__(self, limit: int = REPEAT_WINDOW_LIMIT) -> None:
        self._limit = limit
        self._digests: dict[bytes, None] = {}

    def is_repeat(self, body: bytes) -> bool:
        """Return whether `body` is in the window, and remember it."""
        digest = blake2b(body, digest_size=_DIGEST_BYTES).digest()
        if digest in self._digests:
            return True
        self._digests[digest] = None
        if len(self._digests) > self._limit:
            del self._digests[next(iter(self._digests))]
        return False
