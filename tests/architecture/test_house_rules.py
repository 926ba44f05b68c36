"""Rules of the house that no linter checks."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "publisher", "worker", "tests")
FILES = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
TESTS = [file for file in FILES if file.is_relative_to(ROOT / "tests")]

MEANINGLESS_NAMES = frozenset({"utils", "util", "common", "helpers", "helper", "misc", "models", "shared", "base"})
"""Of modules that would take in anything; name what it is about."""

FILE_LIMIT_LINES = 320
"""A longer file has more than one reason to change: split it."""

MAY_SLEEP = {
    "tests/services/polling.py": "a server that comes up sends no signal",
    "tests/proxy/link.py": "latency is time that passes",
    "tests/faults": "a campaign breaks things for a while",
    "tests/soak": "a soak is about time, too",
    "tests/bench": "a benchmark is about time",
    "tests/bench_test": "so are the tests of its clocks",
}
"""A test waits for a named signal or condition; who may let time pass instead, and why."""


def test_every_module_is_named_after_what_it_is_about() -> None:
    assert [_shown(file) for file in FILES if MEANINGLESS_NAMES & {file.stem, file.parent.name}] == []


def test_every_file_is_small() -> None:
    assert [_shown(file) for file in FILES if len(_text(file).splitlines()) > FILE_LIMIT_LINES] == []


def test_no_test_sleeps() -> None:
    """Wait for what happens, or say in `MAY_SLEEP` why not."""
    sleepers = [f"{_shown(file)}:{line}" for file in TESTS if not _may_sleep(file) for line in _sleeps(_text(file))]
    assert sleepers == []


def test_nobody_imports_a_mock_library() -> None:
    """Write a small twin by hand."""
    assert [_shown(file) for file in FILES if "mock" in set(_imported_words(file))] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import time\ntime.sleep(1)", [2]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(0.1)", [3]),
        ("from time import sleep\nsleep(2)", [2]),
        ("import asyncio\nasync def f():\n    await asyncio.sleep(0)", []),
    ],
)
def test_the_rule_sees_every_sleep_but_a_turn_for_the_others(source: str, lines: list[int]) -> None:
    assert list(_sleeps(source)) == lines


def _sleeps(source: str) -> Iterator[int]:
    """Yield the line of every call of a `sleep`, except of `sleep(0)`, by which no time passes."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        turn = len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
        if called == "sleep" and not turn:
            yield node.lineno


def _imported_words(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(_text(file))):
        if isinstance(node, ast.Import):
            yield from (word for name in node.names for word in name.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module or "").split(".")
            yield from (name.name for name in node.names)


def _may_sleep(file: Path) -> bool:
    return any(_shown(file) == allowed or _shown(file).startswith(f"{allowed}/") for allowed in MAY_SLEEP)


def _shown(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
