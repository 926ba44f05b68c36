"""Some packages may use very little; a deny-list of imports could not say that."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ALLOWED = {
    "worker/event_store": {"asyncpg", "worker.event_store"},
    "worker/domain": {"worker.domain"},
    # Who judges the worker must not share its mistakes.
    "tests/faults/checker": {"tests.faults.checker"},
}
"""Beside the standard library."""


def _imported(file: Path) -> Iterator[str]:
    """Yield the full name of every module that `file` imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, level=level):
                assert level == 0, f"{file}: relative import"
                assert module is not None
                yield module


def _is_allowed(module: str, allowed: set[str]) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names or any(
        module == name or module.startswith(f"{name}.") for name in allowed
    )


@pytest.mark.parametrize(
    ("package", "file"),
    [(package, file) for package in ALLOWED for file in sorted((ROOT / package).rglob("*.py"))],
    ids=lambda value: value.stem if isinstance(value, Path) else value,
)
def test_it_imports_only_what_it_may(package: str, file: Path) -> None:
    refused = [module for module in _imported(file) if not _is_allowed(module, ALLOWED[package])]
    assert not refused, f"{file.relative_to(ROOT)} may import the standard library and {sorted(ALLOWED[package])}"


def test_the_rule_sees_what_it_must(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("import json\ndef f():\n    from worker.lane import lane\n    import asyncpg.pool\n")
    assert list(_imported(file)) == ["json", "worker.lane", "asyncpg.pool"]
    allowed = ALLOWED["worker/event_store"]
    assert [_is_allowed(module, allowed) for module in _imported(file)] == [True, False, True]
    assert not _is_allowed("worker.event_store_of_others", allowed)
