"""What every operation does: make a command of its arguments, send it, return the answer."""

from abc import ABC, abstractmethod
from datetime import UTC, datetime

from publisher.command_building import Field, build_command
from schemas.commands import Command
from schemas.results import Result


class Requester(ABC):
    """Whatever sends one command and waits for its answer."""

    @abstractmethod
    async def request(self, command: Command, *, timeout_seconds: float | None = None) -> Result:
        """Send `command` as it is and return its answer."""

    async def ask(self, kind: str, timeout_seconds: float | None, **fields: Field) -> Result:
        """Send a command of type `kind` with `fields` and return its answer.

        Raises `InvalidInput` where they make no command, else as `request`.
        """
        command = build_command(kind, datetime.now(UTC), **fields)
        return await self.request(command, timeout_seconds=timeout_seconds)
