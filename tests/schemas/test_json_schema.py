import json
import subprocess
import sys
from importlib.resources import files
from typing import Any

import pytest

from schemas.commands import COMMAND_TYPES
from schemas.json_schema import SCHEMAS, schema_text


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_published_schema_is_current(name: str) -> None:
    published = files("schemas").joinpath(f"{name}.schema.json").read_text("utf-8")
    assert published == schema_text(name), f"make it anew: python -m schemas.json_schema {name} > schemas/..."


def definitions() -> dict[str, Any]:
    return dict(json.loads(schema_text("commands"))["$defs"])


def test_every_command_type_is_described() -> None:
    described = [each["properties"]["type"]["const"] for name, each in definitions().items() if name != "OrderLine"]
    assert sorted(described) == sorted(COMMAND_TYPES)


@pytest.mark.parametrize("name", sorted(definitions()))
def test_commands_are_closed_and_typed_on_the_wire(name: str) -> None:
    definition = definitions()[name]
    assert definition["additionalProperties"] is False
    assert definition["required"][0] == ("sku" if name == "OrderLine" else "type")


def test_the_program_prints_it() -> None:
    printed = subprocess.run([sys.executable, "-m", "schemas.json_schema", "results"], capture_output=True, check=True)
    assert printed.stdout.decode() == schema_text("results")


def test_the_program_says_how_it_is_used() -> None:
    refused = subprocess.run([sys.executable, "-m", "schemas.json_schema", "orders"], capture_output=True, check=False)
    assert refused.returncode == 1
    assert b"usage: python -m schemas.json_schema" in refused.stderr
