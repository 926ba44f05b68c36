"""Which dead letters have the same cause.

Two errors have one if they read alike but for what varies from message to
message: numbers, ids, and what stands in quotes.
"""

import re
from hashlib import blake2b

FINGERPRINT_DIGITS = 16

_VARYING = re.compile(
    r"""
      [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}   # a UUID
    | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*"         # what is quoted
    | [0-9]+(?:[.,][0-9]+)*                         # a number
    """,
    re.VERBOSE | re.IGNORECASE,
)


def fingerprint(reason: str, error: str) -> str:
    """Return 16 hexadecimal digits, equal for equal causes."""
    cause = f"{reason}\n{_VARYING.sub('*', error)}"
    return blake2b(cause.encode("utf-8", "surrogatepass"), digest_size=FINGERPRINT_DIGITS // 2).hexdigest()
