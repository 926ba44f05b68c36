"""What one statement takes: letters in portions by the size of their bodies."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

PORTION_LIMIT_BYTES = 64 * 1024 * 1024
"""Of bodies. PostgreSQL takes no message of a gigabyte, and each is copied several times on its way there."""

_Entry = TypeVar("_Entry")


def portions_by_size(
    entries: Iterable[_Entry], size_bytes: Callable[[_Entry], int], limit_bytes: int = PORTION_LIMIT_BYTES
) -> Iterator[Sequence[_Entry]]:
    """Yield `entries` in their order, so many together as are no larger than the limit; a larger one comes alone."""
    portion: list[_Entry] = []
    total_bytes = 0
    for entry in entries:
        size = size_bytes(entry)
        if portion and total_bytes + size > limit_bytes:
            yield portion
            portion, total_bytes = [], 0
        portion.append(entry)
        total_bytes += size
    if portion:
        yield portion
