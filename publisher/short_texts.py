"""What must fit into a message beside its body: AMQP gives a name, a key or a property 255 bytes."""

from pydantic import TypeAdapter, ValidationError

from publisher.errors import InvalidInput
from schemas.texts import ROUTING_KEY_LIMIT_BYTES, ReplyTo

_REPLY_TO: TypeAdapter[str] = TypeAdapter(ReplyTo)


def require_short_text(name: str, text: str) -> None:
    """Raise `InvalidInput`, which names it, for a `text` that is too long for AMQP, or cannot be written at all."""
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{name}: {error}") from error
    if size_bytes > ROUTING_KEY_LIMIT_BYTES:
        raise InvalidInput(f"{name}: must be at most {ROUTING_KEY_LIMIT_BYTES} bytes of UTF-8 (got {size_bytes})")


def require_reply_to(word: str) -> None:
    """Raise `InvalidInput` for a word that answers cannot carry: a worker would set the command aside."""
    try:
        _REPLY_TO.validate_python(word)
    except ValidationError as error:
        raise InvalidInput(
            f"reply_to: must be one word of 1 to 64 letters, digits, '-' or '_' (got {word[:60]!a})"
        ) from error
