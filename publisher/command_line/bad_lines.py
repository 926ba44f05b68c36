"""Bad lines, told to a person and kept in a file."""

from collections.abc import Callable
from typing import TextIO

from publisher.order_log.lines import BadLine

SHOWN_LIMIT_LINES = 20
"""More would hide the summary; all of them go to the file."""


class BadLineReport:
    """Tells of the first bad lines through `say`, and writes all of them to `file`."""

    def __init__(self, say: Callable[[str], None], file: TextIO | None) -> None:
        self._say = say
        self._file = file
        self._count = 0

    def add(self, bad: BadLine) -> None:
        """Report one."""
        sentence = f"line {bad.number}: {bad.cause}"
        self._count += 1
        if self._count <= SHOWN_LIMIT_LINES:
            self._say(sentence)
        elif self._count == SHOWN_LIMIT_LINES + 1:
            self._say("more bad lines follow; --bad-lines FILE writes all of them")
        if self._file is not None:
            self._file.write(f"{sentence}\n")
