"""One worker's place: whoever dies there is followed by another at once, as under any supervisor."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from tests.faults.cluster import settings
from tests.faults.cluster.process import OwnProcess
from tests.faults.cluster.wires import Wires

RESTART_SECONDS = 0.2
MODULE = "tests.faults.subject"


class Seat:
    """The workers of one place, one after the other."""

    def __init__(self, number: int, partition_count: int, wires: Wires, log: Path, mutant: str | None) -> None:
        self.number = number
        self.wires = wires
        self._partition_count = partition_count
        self.log = log
        self._mutant = mutant
        self._process: OwnProcess | None = None
        self._generation = 0
        self._keeping: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """Return the name under which the worker now here owns partitions."""
        return f"worker-{self.number}.{self._generation}"

    @property
    def process(self) -> OwnProcess:
        """Return the worker now here."""
        assert self._process is not None
        return self._process

    async def open(self) -> None:
        """Start the first worker, and keep the place taken until `close`."""
        await self._start()
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Ask the worker to stop, and leave the place empty."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._process is not None:
            self._process.signal(signal.SIGCONT)
            self._process.signal(signal.SIGTERM)
            if not await self._process.ended_within(2 * settings.SHUTDOWN_SECONDS):
                await self._process.kill()

    def order(self, **fields: Any) -> None:
        """Tell the worker something; see `tests.faults.subject.orders`."""
        self.process.tell(json.dumps(fields))

    async def _keep(self) -> None:
        while True:
            await self.process.ended()
            await asyncio.sleep(RESTART_SECONDS)
            await self._start()

    async def _start(self) -> None:
        self._generation += 1
        self._process = await OwnProcess.start(
            MODULE,
            [] if self._mutant is None else [self._mutant],
            {
                "ORDERS_AMQP_URL": self.wires.amqp_url,
                "ORDERS_DATABASE_URL": self.wires.database_url,
                "ORDERS_PARTITIONS": str(self._partition_count),
                "ORDERS_HEARTBEAT_SECONDS": str(settings.HEARTBEAT_SECONDS),
                "ORDERS_SHUTDOWN_SECONDS": str(settings.SHUTDOWN_SECONDS),
                "ORDERS_WORKER_NAME": self.name,
            },
            self.log,
        )
