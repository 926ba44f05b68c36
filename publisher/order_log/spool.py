"""A whole log in a temporary file, to be read in another order than it was written: memory does not grow with it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from importlib.resources import files
from types import TracebackType
from typing import NamedTuple, Self

_IN_A_TEMPORARY_FILE = ""
"""SQLite's name for a database that is its own, held in memory while it is small, and gone when it is closed."""


class Kind(StrEnum):
    """What a line of a log is."""

    ALONE = "alone"
    """A command of its own."""

    SALE = "sale"
    """A part of an order."""

    BAD = "bad"
    """Nothing that can be sent."""


class SpooledLine(NamedTuple):
    """A line, and the number of a bad line of the same order, if there is one."""

    line: int
    order_id: str | None
    kind: str
    content: bytes
    bad_line: int | None


class Spool:
    """Takes the lines of one log, then gives them back in their turn.

    Its file is where SQLite puts temporary files: `SQLITE_TMPDIR` or `TMPDIR`
    names another place. Raises `OSError` where that is full.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect(_IN_A_TEMPORARY_FILE)
        self._database.execute(_statement("create_spool"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, line: int, order_id: str | None, kind: Kind, content: bytes) -> None:
        """Take one line; `line` is a number that no other has."""
        with _explained():
            self._database.execute(_ADD_LINE, (line, order_id, kind.value, content))

    def lines_in_turn(self) -> Iterator[SpooledLine]:
        """Yield every line in its place, but the sales of an order together, in the place of its last line."""
        with _explained(), closing(self._database.execute(_LINES_IN_TURN)) as rows:
            yield from map(SpooledLine._make, rows)


def _statement(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text()


_ADD_LINE = _statement("add_line")
_LINES_IN_TURN = _statement("lines_in_turn")


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OSError(
            f"the temporary file in which orders are put together: {error}; TMPDIR names its place"
        ) from error
