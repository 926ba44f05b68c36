"""A program of ours with orders on its standard input and its log in a file."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.faults.cluster.polling import poll_until


class OwnProcess:
    """One run of `python -m MODULE ARGUMENTS`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str, arguments: Sequence[str], settings: Mapping[str, str], log: Path) -> Self:
        """Start it; what it says on standard error is appended to `log`."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ORDERS_")}
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=file,
                env={**environment, **settings},
                start_new_session=True,  # so that Ctrl-C reaches us alone
            )
        return cls(process)

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def stopped(self) -> bool:
        """Whether it hangs after a SIGSTOP."""
        with suppress(OSError):
            stat = Path(f"/proc/{self._process.pid}/stat").read_text()
            return stat.rpartition(")")[2].split()[0] == "T"
        return False

    def tell(self, line: str) -> None:
        """Give it an order; one that has ended hears nothing."""
        assert self._process.stdin is not None
        if self.running:
            self._process.stdin.write(f"{line}\n".encode())

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, where it runs."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; return its status."""
        return await self._process.wait()

    async def ended_within(self, timeout_seconds: float) -> bool:
        """Wait for its end, not for ever; return whether it has come."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), timeout_seconds)
        return not self.running

    async def stopped_within(self, timeout_seconds: float) -> bool:
        """Wait until it hangs after a SIGSTOP, not for ever; return whether it does."""
        await poll_until(lambda: self.stopped or not self.running, timeout_seconds)
        return self.stopped

    async def kill(self) -> None:
        """Take it away, wherever it is."""
        self.signal(signal.SIGKILL)
        await self.ended()
