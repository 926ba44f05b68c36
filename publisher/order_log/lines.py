"""A file as numbered lines, in bounded memory, whatever is in it."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from publisher.errors import InvalidInput

LINE_LIMIT_BYTES = 1_000_000
"""No order is longer; without a limit, a file without a line end would be read into memory whole."""

_GZIP_START = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COUNTING_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its line end; the first of a file has number 1."""

    number: int
    text: bytes


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no order, and why; `order_id` is what it says it belongs to, where that can be told."""

    number: int
    cause: str
    order_id: str | None = None

    @property
    def line_count(self) -> int:
        """How many lines this is about."""
        return 1


@dataclass(frozen=True, slots=True)
class BadOrder(BadLine):
    """An order that is not sent, and why; `number` is that of its first line that is good by itself.

    `good_line_count` is how many there are of these.
    """

    good_line_count: int = 1

    @property
    def line_count(self) -> int:
        """How many lines this is about, besides bad ones."""
        return self.good_line_count


@contextmanager
def open_log(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, through gzip where its first bytes say so. Raises `InvalidInput`."""
    try:
        with path.open("rb") as plain:
            compressed = plain.read(len(_GZIP_START)) == _GZIP_START
        stream = gzip.open(path) if compressed else path.open("rb")  # noqa: SIM115  closed below
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from error
    with stream:
        yield cast("BinaryIO", stream)


def numbered_lines(stream: BinaryIO) -> Iterator[Line | BadLine]:
    """Yield the lines of `stream`, blank ones too.

    A line over the limit is a bad line. Where the file is damaged, the last
    item is a bad line that says so.
    """
    number = 0
    try:
        while text := stream.readline(LINE_LIMIT_BYTES + 1):
            number += 1
            if number == 1:
                text = text.removeprefix(_BYTE_ORDER_MARK)
            if len(text) > LINE_LIMIT_BYTES and not text.endswith(b"\n"):
                _skip_rest_of_line(stream)
                yield BadLine(number, f"longer than {LINE_LIMIT_BYTES:,} bytes")
            else:
                yield Line(number, text.removesuffix(b"\n").removesuffix(b"\r"))
    except (EOFError, OSError, zlib.error) as error:
        yield BadLine(number + 1, f"the file is damaged here, and nothing after it was read: {error}")


def _skip_rest_of_line(stream: BinaryIO) -> None:
    while (text := stream.readline(LINE_LIMIT_BYTES)) and not text.endswith(b"\n"):
        pass


def count_lines(path: Path) -> int:
    """Return the number of line ends in a file, as far as it can be read. Raises `InvalidInput`."""
    count = 0
    with open_log(path) as stream:
        try:
            while block := stream.read(_COUNTING_BLOCK_BYTES):
                count += block.count(b"\n")
        except (EOFError, OSError, zlib.error):
            return count  # the import names the damage, with its line
    return count
