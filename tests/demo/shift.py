"""One worker at a time, the next after the last was killed."""

from types import TracebackType
from typing import Self

from tests.demo.worker_process import WorkerProcess


class Shift:
    """A worker is at work within the `async with`; whichever it is by then is killed at the end."""

    def __init__(self, amqp_url: str, database_url: str) -> None:
        self._amqp_url = amqp_url
        self._database_url = database_url
        self.worker: WorkerProcess

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.worker.kill()

    async def start(self) -> None:
        """Start the next worker; the one before must be gone. Raises `DemoError`."""
        self.worker = await WorkerProcess.start(self._amqp_url, self._database_url)
