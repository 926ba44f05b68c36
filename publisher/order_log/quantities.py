"""Quantities as they are written in files."""

import re

from publisher.errors import InvalidInput

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_SHOWN_VALUE_LIMIT_CHARACTERS = 60


def whole_number(text: str, what: str) -> int:
    """Return the number that `text` is. Raises `InvalidInput`, which begins with `what`, where it is none."""
    if not _WHOLE_NUMBER.fullmatch(text):
        shown = ascii(text[:_SHOWN_VALUE_LIMIT_CHARACTERS])
        raise InvalidInput(f"{what}: must be a whole number (got {shown})")
    return int(text)
