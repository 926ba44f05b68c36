"""A contender as a process of its own, watched from outside."""

import os
import signal
import sys
from asyncio.subprocess import Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.bench import footprint
from tests.bench.errors import ContenderFailed

LOG_TAIL_CHARACTERS = 2_000

Figure = TypeVar("Figure", int, float)


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that answers commands."""

    name: str
    command: tuple[str, ...]


WORKER = Contender("worker", (str(Path(sys.executable).with_name("order-worker")), "run", "--migrate"))
ECHO = Contender("echo", (sys.executable, "-m", "tests.bench.contenders.echo"))
PER_MESSAGE = Contender("per-message", (sys.executable, "-m", "tests.bench.contenders.per_message"))


def tuned(contender: Contender, *settings: int) -> Contender:
    """Return `contender` with other settings than its own: the prefetch, and for per-message the connections."""
    return Contender(contender.name, (*contender.command, *map(str, settings)))


def profiled_worker(report: Path) -> Contender:
    """Return the worker that writes to `report` where its CPU went."""
    return Contender("profiled", (sys.executable, "-m", "tests.bench.contenders.profiled_worker", str(report)))


class RunningContender:
    """One process of a contender."""

    def __init__(self, contender: Contender, process: Process, log: Path) -> None:
        self.name = contender.name
        self._process = process
        self._log = log

    def check(self) -> None:
        """Raise `ContenderFailed` if it has ended."""
        if self._process.returncode is not None:
            raise ContenderFailed(f"{self.name} ended with {self._process.returncode}\n{self.log_tail}")

    @property
    def log_tail(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL_CHARACTERS:]

    @property
    def cpu_seconds(self) -> float:
        """Return the CPU it has used so far."""
        return self._look(footprint.cpu_seconds)

    @property
    def resident_bytes(self) -> int:
        """Return the memory it holds in RAM."""
        return self._look(footprint.resident_bytes)

    def _look(self, at: Callable[[int], Figure]) -> Figure:
        self.check()
        try:
            return at(self._process.pid)
        except footprint.ProcessGone as error:
            raise ContenderFailed(f"{self.name} has just ended\n{self.log_tail}") from error

    async def stop(self) -> None:
        """Ask it to finish, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()


@asynccontextmanager
async def running(contender: Contender, amqp_url: str, database_url: str, log: Path) -> AsyncIterator[RunningContender]:
    """Run `contender` for the length of the block."""
    process = await _launch(contender.command, {"ORDERS_AMQP_URL": amqp_url, "ORDERS_DATABASE_URL": database_url}, log)
    run = RunningContender(contender, process, log)
    try:
        yield run
    finally:
        await run.stop()


async def _launch(command: Sequence[str], settings: dict[str, str], log: Path) -> Process:
    # No setting of the user's may change what is measured.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ORDERS_")}
    with log.open("wb") as file:
        return await create_subprocess_exec(
            *command, env={**inherited, **settings}, stdout=file, stderr=file, start_new_session=True
        )
