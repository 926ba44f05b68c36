"""The statements in `sql/`, by their names."""

from functools import cache
from importlib.resources import files

_FOLDER = files(__package__).joinpath("sql")


@cache
def statement(name: str) -> str:
    """Return the statement; in one about the letters of a filter, `matching.sql` stands for {matching}."""
    text = _text(name)
    return text.replace("{matching}", _text("matching").rstrip()) if "{matching}" in text else text


def _text(name: str) -> str:
    return _FOLDER.joinpath(f"{name}.sql").read_text(encoding="utf-8")
