"""The program on a terminal: what it asks can be answered."""

import os
import pty
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.publisher.command_line.program import Finished, started_reading


class Terminal:
    """The program with a terminal as its standard input."""

    def __init__(self, process: Process, master: int) -> None:
        self._process = process
        self._master = master
        self._errors = ""

    async def asked(self, question: str) -> str:
        """Return all that was written to the standard error output, once that ends with `question`."""
        assert self._process.stderr is not None
        while not self._errors.rstrip().endswith(question):
            part = await self._process.stderr.read(4_096)
            assert part, f"it ended without asking {question!r}: {self._errors}"
            self._errors += part.decode()
        return self._errors

    def type(self, line: str) -> None:
        os.write(self._master, f"{line}\n".encode())

    async def ended(self) -> Finished:
        output, errors = await self._process.communicate()
        return Finished(self._process.returncode, output.decode(), self._errors + errors.decode())


@asynccontextmanager
async def on_terminal(*arguments: str, **environment: str) -> AsyncIterator[Terminal]:
    """Start it; it is killed at the end of the block where it still runs."""
    master, slave = pty.openpty()
    try:
        async with started_reading(slave, *arguments, **environment) as process:
            yield Terminal(process, master)
    finally:
        os.close(master)
        os.close(slave)
