"""What a good line of an order log becomes."""

from dataclasses import dataclass

from schemas.commands import Command


@dataclass(frozen=True, slots=True)
class Order:
    """A command, and the number of the line that it was read from."""

    line: int
    command: Command
