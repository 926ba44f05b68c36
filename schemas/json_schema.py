"""The messages as JSON Schema (draft 2020-12), for clients in other languages.

    python -m schemas.json_schema commands > schemas/commands.schema.json
    python -m schemas.json_schema results > schemas/results.schema.json

The files beside this one are these outputs, kept current by a test. JSON Schema
cannot say everything: a SKU is limited in bytes, and 6.0 is not a quantity.
"""

import json
import sys
from typing import Any

from schemas.commands import COMMAND_ADAPTER
from schemas.results import RESULT_ADAPTER

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def command_schema() -> dict[str, Any]:
    """Return the schema of every command a worker takes."""
    schema = COMMAND_ADAPTER.json_schema()
    for definition in schema["$defs"].values():
        # Python callers may leave it out, since the class says it; on the wire nothing else does.
        if "type" in definition["properties"]:
            definition["required"] = ["type", *definition["required"]]
    return {"$schema": _DIALECT, "title": "Command", **schema}


def result_schema() -> dict[str, Any]:
    """Return the schema of every result a worker sends."""
    return {"$schema": _DIALECT, "title": "Result", **RESULT_ADAPTER.json_schema(mode="serialization")}


SCHEMAS = {"commands": command_schema, "results": result_schema}


def schema_text(name: str) -> str:
    """Return the schema `name` of `SCHEMAS` as it is published."""
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Print the schema that the command line names."""
    if len(sys.argv) != 2 or sys.argv[1] not in SCHEMAS:  # noqa: PLR2004  the program and one name
        sys.exit(f"usage: python -m schemas.json_schema {{{'|'.join(SCHEMAS)}}}")
    sys.stdout.write(schema_text(sys.argv[1]))


if __name__ == "__main__":
    main()
