"""Letters as JSON-able values, for scripts and for `export`."""

from base64 import b64encode
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from publisher.dead_letters.letters import Contents


def contents_as_json(contents: Contents) -> dict[str, Any]:
    """Return all of it; a body that is no UTF-8 stands in `body_base64` instead of `body`."""
    told = asdict(contents)
    for name in ("body", "corrected_body"):
        told |= _as_text(name, told.pop(name))
    return told


def _as_text(name: str, body: bytes | None) -> dict[str, str | None]:
    if body is None:
        return {name: None}
    try:
        return {name: body.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(body).decode()}


def as_json(value: Any) -> Any:
    """Return what JSON has no value for as text; for `json.dumps(default=...)`."""
    match value:
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
    raise TypeError(f"cannot be written as JSON: {value!r}")
