"""What the good lines of an order log become."""

from dataclasses import dataclass

from schemas.commands import Command


@dataclass(frozen=True, slots=True)
class LoggedCommand:
    """A command, the number of the first line that it was read from, and how many lines it was read from."""

    line: int
    command: Command
    line_count: int = 1
