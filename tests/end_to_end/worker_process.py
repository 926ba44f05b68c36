"""A worker as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

LOG_TIMEOUT_SECONDS = 120.0
"""A worker starts within two seconds and reconnects within six; the machine may be busy."""

EXIT_TIMEOUT_SECONDS = 120.0
LOG_LINE_LIMIT_BYTES = 2**20
WORKER_COMMAND = (str(Path(sys.executable).with_name("order-worker")), "run")

Record = dict[str, Any]


class WorkerProcess:
    """A worker, its log records so far, and its end."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.records: list[Record] = []
        """Every line of its log; one that is not JSON is under `text`."""
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self._reading.add_done_callback(lambda _reading: self._changed.set())

    @classmethod
    async def start(cls, settings: Mapping[str, str], command: tuple[str, ...] = WORKER_COMMAND) -> Self:
        """Launch one with `settings` as environment variables; it may not be at work yet."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ORDERS_")}
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            env={**environment, **settings},
            limit=LOG_LINE_LIMIT_BYTES,
        )
        return cls(process)

    @property
    def log(self) -> str:
        """Return all that it logged, for a person who reads a failure."""
        return "\n".join(record.get("text") or json.dumps(record) for record in self.records)

    async def logged(self, event: str, count: int = 1, **fields: object) -> Record:
        """Wait until it has logged `event` with `fields` for the `count`-th time, and return that record."""
        found = await self._until(lambda: self._matching(event, fields)[count - 1 :])
        record: Record = found[0]
        return record

    async def latest(self, event: str, **fields: object) -> Record:
        """Wait until the last `event` that it logged has `fields`, and return that record."""

        def find() -> list[Record]:
            last = self._matching(event, {})[-1:]
            return last if last == self._matching(event, fields)[-1:] else []

        found = await self._until(find)
        record: Record = found[0]
        return record

    def records_of(self, event: str) -> list[Record]:
        """Return what it has logged of `event` so far."""
        return self._matching(event, {})

    async def ended(self) -> int:
        """Wait until it has ended by itself, and return its exit status; minus the signal where one killed it."""
        async with asyncio.timeout(EXIT_TIMEOUT_SECONDS):
            status = await self._process.wait()
            await self._reading
            return status

    async def terminate(self) -> int:
        """Ask it to stop, and return its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def kill(self) -> None:
        """Take it away, wherever it is; do nothing where it is gone."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def stopped(self) -> None:
        """Wait until it stands still: it logs before that, and who is woken too early sleeps for ever."""
        async with asyncio.timeout(EXIT_TIMEOUT_SECONDS):
            await asyncio.to_thread(os.waitid, os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def pause(self) -> None:
        """Stop it in its tracks, as a machine that hangs does."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if nothing had happened."""
        self._process.send_signal(signal.SIGCONT)

    def _matching(self, event: str, fields: Mapping[str, object]) -> list[Record]:
        return [
            record
            for record in self.records
            if record.get("event") == event and all(record.get(name) == value for name, value in fields.items())
        ]

    async def _until(self, find: Callable[[], list[Record]]) -> list[Record]:
        async with asyncio.timeout(LOG_TIMEOUT_SECONDS):
            while not find() and not self._reading.done():
                self._changed.clear()
                await self._changed.wait()
        found = find()
        assert found, f"the worker ended before it logged that; its log:\n{self.log}"
        return found

    async def _read(self) -> None:
        """Read to the end: a worker whose log nobody reads stands still."""
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            self.records.append(_record(line.decode(errors="replace").rstrip()))
            self._changed.set()


def _record(line: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError:
        return {"text": line}
    return record if isinstance(record, dict) else {"text": line}
