"""The command id of a line: the same whenever the same log is imported."""

from uuid import UUID

from publisher.derived_ids import derived_id

NAMESPACE = UUID("6f2a1c1e-3c57-5d0a-9b0e-5a4f6c9d2e71")


def line_command_id(source: str, number: int, text: bytes) -> UUID:
    """Return the id of the line `number` that reads `text`, of the log called `source`.

    A UUID of version 5. The name and not the whole content stands for the log,
    so that a log that grew gives its old lines their old ids, and a corrected
    line is the only one with a new id. Two logs of one name share the id of a
    line only where they have the same text at the same number.
    """
    return derived_id(NAMESPACE, source.encode(), str(number).encode(), text)
