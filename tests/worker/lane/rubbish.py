"""Every kind of message that is not a command, and exactly what its sender is told."""

import json
from dataclasses import dataclass
from typing import Any

from schemas.commands import COMMAND_TYPES

SKU = "85123A"
COMMAND_ID = "11111111-2222-4333-8444-555555555555"
USER = "till-3"


@dataclass(frozen=True, slots=True)
class Rubbish:
    """A body, and the answer to it. What is None could not be made out."""

    name: str
    body: bytes
    message: str
    command_id: str | None = COMMAND_ID
    command_type: str | None = "purchase"
    sku: str | None = SKU
    quantity: int | None = 6


def command_body(**changes: Any) -> bytes:
    """Return a valid purchase with `changes`; a field that becomes `...` is left out."""
    fields = {"type": "purchase", "command_id": COMMAND_ID, "sku": SKU, "quantity": 6, "user": USER} | changes
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


def _number(text: str) -> bytes:
    """Return a purchase whose quantity is written as `text`, which Python would write otherwise."""
    return command_body(quantity=6).replace(b'"quantity": 6', b'"quantity": ' + text.encode())


def _unreadable(name: str, body: bytes, message: str) -> Rubbish:
    return Rubbish(name, body, message, command_id=None, command_type=None, sku=None, quantity=None)


_TYPES = ", ".join(map(repr, COMMAND_TYPES))
_NOT_JSON = "the body is not JSON in UTF-8: "
_NOT_WHOLE = "quantity: must be a whole number, written without quotes, point or exponent "
_NO_CONTROL = "must hold no control character, and no space at either end "
_X60 = "x" * 59
_LONG = "x" * 10_000

NOT_JSON = [
    _unreadable("empty", b"", f"{_NOT_JSON}EOF while parsing a value at line 1 column 0"),
    _unreadable("prose", b"six please", f"{_NOT_JSON}expected value at line 1 column 1"),
    _unreadable("cut off", command_body()[:-5], f"{_NOT_JSON}EOF while parsing a string at line 1 column 119"),
    _unreadable(
        "Latin-1",
        command_body().replace(b"till", b"t\xefll"),
        f"{_NOT_JSON}invalid unicode code point at line 1 column 118",
    ),
    _unreadable("UTF-16", command_body().decode().encode("utf-16"), f"{_NOT_JSON}expected value at line 1 column 1"),
    _unreadable("nested deeply", b"[" * 60_000, f"{_NOT_JSON}recursion limit exceeded at line 1 column 202"),
    _unreadable("a list", b"[6]", "the body must be a JSON object (got [6])"),
    _unreadable("null", b"null", "the body must be a JSON object (got None)"),
    _unreadable("10 MB", b"x" * 10_000_000, "the body has 10000000 bytes; at most 1048576 are allowed"),
]
"""Nothing can be made out of these."""

WRONG_FIELDS = [
    Rubbish(
        "unknown type",
        command_body(type="steal"),
        f"type: must be one of {_TYPES} (got 'steal')",
        command_type=None,
    ),
    Rubbish(
        "endless type",
        command_body(type=_LONG),
        f"type: must be one of {_TYPES} (got '{_X60}… 10002 characters)",
        command_type=None,
    ),
    Rubbish(
        "a list as type",
        command_body(type=[]),
        f"type: must be one of {_TYPES} (got '[]')",
        command_type=None,
    ),
    Rubbish(
        "what workers alone send",
        command_body(type="release_line"),
        f"type: must be one of {_TYPES} (got 'release_line')",
        command_type="release_line",
    ),
    Rubbish("no type", command_body(type=...), "type: this field is missing", command_type=None),
    Rubbish("unknown field", command_body(discount=10), "discount: this field is unknown; remove it (got 10)"),
    Rubbish(
        "endless unknown field",
        command_body(**{_LONG: 1}),
        f"x{_X60}… 10000 characters: this field is unknown; remove it (got 1)",
    ),
    Rubbish(
        "six unknown fields",
        command_body(a=1, b=2, c=3, d=4, e=5, f=6),
        "; ".join(f"{name}: this field is unknown; remove it (got {value})" for value, name in enumerate("abcde", 1))
        + "; and 1 more",
    ),
    Rubbish("quantity 0", command_body(quantity=0), "quantity: must be at least 1 (got 0)", quantity=0),
    Rubbish("quantity -1", command_body(quantity=-1), "quantity: must be at least 1 (got -1)", quantity=-1),
    Rubbish("quantity 1.5", command_body(quantity=1.5), f"{_NOT_WHOLE}(got 1.5)", quantity=None),
    Rubbish("quantity 6.0", command_body(quantity=6.0), f"{_NOT_WHOLE}(got 6.0)", quantity=None),
    Rubbish("quantity true", command_body(quantity=True), f"{_NOT_WHOLE}(got True)", quantity=None),
    Rubbish("quantity 1e30", _number("1e30"), f"{_NOT_WHOLE}(got 1e+30)", quantity=None),
    Rubbish("quantity NaN", _number("NaN"), f"{_NOT_WHOLE}(got nan)", quantity=None),
    Rubbish("quantity as text", command_body(quantity="6"), f"{_NOT_WHOLE}(got '6')", quantity=None),
    Rubbish(
        "quantity over the limit",
        command_body(quantity=10**9 + 1),
        "quantity: must be at most 1000000000 (got 1000000001)",
        quantity=None,
    ),
    Rubbish(
        "issued beyond every calendar",
        command_body(issued_at="9999-12-31T23:59:59-10:00"),
        "issued_at: must lie in the years 1 to 9999 of UTC (got '9999-12-31T23:59:59-10:00')",
    ),
    Rubbish("no quantity", command_body(quantity=...), "quantity: this field is missing", quantity=None),
    Rubbish("NUL in the user", command_body(user="till\0"), f"user: {_NO_CONTROL}(got 'till\\x00')"),
    Rubbish("NUL in the SKU", command_body(sku="A\0"), f"sku: {_NO_CONTROL}(got 'A\\x00')", sku=None),
    *(
        Rubbish(
            f"10,000 characters in {field}",
            command_body(**{field: _LONG}),
            f"{field}: must be at most {limit} characters long (got '{_X60}… 10002 characters)",
            sku=None if field == "sku" else SKU,
        )
        for field, limit in (("user", 128), ("reason", 500), ("location", 64), ("order_id", 64), ("sku", 100))
    ),
    Rubbish("empty SKU", command_body(sku=""), "sku: must not be empty (got '')", sku=None),
    Rubbish("space before the SKU", command_body(sku=" A"), f"sku: {_NO_CONTROL}(got ' A')", sku=None),
    Rubbish("no id", command_body(command_id=...), "command_id: this field is missing", command_id=None),
    Rubbish(
        "id that is no UUID",
        command_body(command_id="42"),
        "command_id: must be a UUID, such as 8f14e45f-ceea-4e07-8c2b-0d8f3d6b9c11 (got '42')",
        command_id=None,
    ),
    Rubbish("no user", command_body(user=...), "user: this field is missing"),
    Rubbish(
        "time without an offset",
        command_body(issued_at="2026-01-31T12:00:00"),
        "issued_at: must name its offset from UTC, such as 2026-01-31T12:00:00Z (got '2026-01-31T12:00:00')",
    ),
]
"""JSON objects, of which the sound fields serve the answer."""

EVERY_RUBBISH = [*NOT_JSON, *WRONG_FIELDS]
