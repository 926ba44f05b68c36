"""A package's docstring is its map: every module and every package in it is named there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    init.parent for name in ("schemas", "publisher", "worker") for init in sorted((ROOT / name).rglob("__init__.py"))
]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.relative_to(ROOT)))
def test_a_package_names_what_is_in_it(package: Path) -> None:
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    words = docstring.replace("`", " ").replace(",", " ").replace(";", " ").replace(":", " ").split()
    modules = [path.stem for path in package.glob("*.py") if not path.stem.startswith("__")]
    packages = [init.parent.name for init in package.glob("*/__init__.py")]
    assert not [name for name in (*modules, *packages) if name not in words]
