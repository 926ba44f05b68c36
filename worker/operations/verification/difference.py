"""What a check finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the events say."""

    sku: str
    kind: str
    message: str
