"""Who asks, and why: both are part of every deed."""

from publisher.errors import InvalidInput

OPERATOR_LIMIT_CHARACTERS = 128
WHY_LIMIT_CHARACTERS = 500


def signed(operator: str, why: str) -> tuple[str, str]:
    """Return both without outer space. Raises `InvalidInput` where one says nothing, or too much."""
    return _checked("operator", operator, OPERATOR_LIMIT_CHARACTERS), _checked("why", why, WHY_LIMIT_CHARACTERS)


def _checked(name: str, text: str, limit_characters: int) -> str:
    text = text.strip()
    if not text or not text.isprintable():
        raise InvalidInput(f"{name}: must be a text without control characters, and not empty (got {text!a})")
    if len(text) > limit_characters:
        raise InvalidInput(f"{name}: must be at most {limit_characters} characters long (got {len(text)})")
    return text
