"""`order-worker run` as a process of its own."""

import asyncio
import json
from asyncio.subprocess import Process
from collections import deque

from tests.demo.errors import DemoError
from tests.demo.program import end, launch

START_TIMEOUT_SECONDS = 60.0
"""A worker is at work after two seconds; the machine may be busy."""

LOG_TAIL_LINES = 15
READY_EVENT = "worker.working"


class WorkerProcess:
    """A worker that is at work, until it is killed."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._ready = asyncio.Event()
        self._log: deque[str] = deque(maxlen=LOG_TAIL_LINES)
        self._reading = asyncio.create_task(self._read_log())

    @classmethod
    async def start(cls, amqp_url: str, database_url: str) -> "WorkerProcess":
        """Start one, and return when it is at work. Raises `DemoError` with the end of its log where it is not."""
        settings = {"ORDERS_AMQP_URL": amqp_url, "ORDERS_DATABASE_URL": database_url}
        worker = cls(await launch("order-worker", ["run", "--migrate", "--log-format=json"], settings))
        try:
            await worker._wait_until_ready()
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def process_id(self) -> int:
        """Return the number the system knows it by."""
        return self._process.pid

    @property
    def log_tail(self) -> str:
        """Return the last lines that it logged."""
        return "\n".join(self._log)

    async def kill(self) -> None:
        """Kill it with SIGKILL, and wait until it is gone; do nothing where it is gone already."""
        await end(self._process)
        await self._reading

    async def _wait_until_ready(self) -> None:
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait(
                {ready, self._reading}, timeout=START_TIMEOUT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
        if not self._ready.is_set():
            raise DemoError(f"the worker did not come up. The end of its log:\n{self.log_tail}")

    async def _read_log(self) -> None:
        """Read to the end: a worker whose log nobody reads stands still."""
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            text = line.decode(errors="replace").rstrip()
            self._log.append(text)
            if _event(text) == READY_EVENT:
                self._ready.set()


def _event(line: str) -> str | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record.get("event") if isinstance(record, dict) else None
