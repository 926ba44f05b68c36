"""The SQL of this package: one statement per file, named after it.

A line `-- include NAME` stands for the text of `sql/NAME.sql`, so that what
several statements must do alike is written once. Comments are for readers and
are not sent.
"""

import re
from functools import cache
from importlib.resources import files

_INCLUDE = re.compile(r"^-- include (\w+)$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^\s*--.*\n", re.MULTILINE)


@cache
def statement(name: str) -> str:
    """Return the text of `sql/<name>.sql`, whole and without comments."""
    return _COMMENT_LINE.sub("", _text(name))


def _text(name: str) -> str:
    text = files("worker.event_store").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda match: _text(match[1]), text)
