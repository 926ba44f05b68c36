"""Turns a validation error into a sentence for whoever sent the message."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

SHOWN_ERRORS_LIMIT = 5
SHOWN_VALUE_LIMIT_CHARACTERS = 60

_SENTENCES = {
    "extra_forbidden": "this field is unknown; remove it",
    "missing": "this field is missing",
    "int_type": "must be a whole number, written without quotes, point or exponent",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long",
    "string_pattern_mismatch": "must hold no control character, and no space at either end",
    "uuid_parsing": "must be a UUID, such as 8f14e45f-ceea-4e07-8c2b-0d8f3d6b9c11",
    "uuid_type": "must be a UUID, written as a text",
    "timezone_aware": "must name its offset from UTC, such as 2026-01-31T12:00:00Z",
    "datetime_type": "must be a time as text, such as 2026-01-31T12:00:00Z",
    "model_attributes_type": "the body must be a JSON object",
    "dict_type": "the body must be a JSON object",
    "union_tag_not_found": "type: this field is missing",
    "union_tag_invalid": "type: must be one of {expected_tags} (got {tag})",
    "json_invalid": "the body is not JSON in UTF-8: {error}",
}
"""By pydantic's error type; where none stands here, pydantic's own sentence serves."""

_SHOW_NO_VALUE = frozenset({"missing", "union_tag_not_found", "union_tag_invalid", "json_invalid"})


def explain(error: ValidationError) -> str:
    """Return what is wrong and where: `quantity: must be at least 1 (got 0)`, several joined by `; `.

    The text is the same for the same message every time, and short: at most
    five errors, each with at most 60 characters of the field's name and of the
    offending value.
    """
    errors = error.errors(include_url=False)
    shown = [_sentence(item) for item in errors[:SHOWN_ERRORS_LIMIT]]
    if len(errors) > SHOWN_ERRORS_LIMIT:
        shown.append(f"and {len(errors) - SHOWN_ERRORS_LIMIT} more")
    return "; ".join(shown)


def _sentence(error: ErrorDetails) -> str:
    kind, context = error["type"], dict(error.get("ctx", {}))
    if "tag" in context:
        context["tag"] = _shown(context["tag"])
    template = _SENTENCES.get(kind)
    what = template.format_map(context) if template else error["msg"].removeprefix("Value error, ")
    if kind not in _SHOW_NO_VALUE:
        what = f"{what} (got {_shown(error['input'])})"
    # Inside the union, the first part of the place is the command's type, not a field.
    path = ".".join(_shortened(str(part)) for part in error["loc"][1:])
    return f"{path}: {what}" if path else what


def _shown(value: Any) -> str:
    return _shortened(ascii(value))


def _shortened(text: str) -> str:
    if len(text) <= SHOWN_VALUE_LIMIT_CHARACTERS:
        return text
    return f"{text[:SHOWN_VALUE_LIMIT_CHARACTERS]}… {len(text)} characters"
