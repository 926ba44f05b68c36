"""Lets the faults of a schedule happen, each at its time, and notes what came of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

import aio_pika.exceptions
import asyncpg

from tests.faults.cluster.cluster import Cluster
from tests.faults.kinds.catalogue import CATALOGUE
from tests.faults.kinds.kind import Facts, NotReached
from tests.faults.load.journal import Journal
from tests.faults.schedule import Fault
from tests.services.errors import ServicesError

CROWD_TIMEOUT_SECONDS = 10.0
"""A fault whose victim is under another one waits so long, and is then left out."""

_IN_VAIN = (NotReached, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, aio_pika.exceptions.AMQPError)
"""What a fault may meet that comes while another one has taken away what it needs."""


class Injector:
    """Injects into one cluster."""

    def __init__(self, cluster: Cluster, journal: Journal, tell: Callable[[str], None]) -> None:
        self._cluster = cluster
        self._journal = journal
        self._tell = tell
        self._taken: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def run(self, faults: Sequence[Fault]) -> None:
        """Return when all of `faults` have happened and were mended."""
        clock = asyncio.get_running_loop().time
        started = clock()
        async with asyncio.TaskGroup() as tasks:
            for fault in faults:
                await asyncio.sleep(max(0.0, started + fault.at_seconds - clock()))
                tasks.create_task(self._inject(fault))

    async def _inject(self, fault: Fault) -> None:
        kind = CATALOGUE[fault.kind]
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(CROWD_TIMEOUT_SECONDS):
                    for resource in sorted(kind.resources(self._cluster, fault.target)):
                        await stack.enter_async_context(self._taken[resource])
            except TimeoutError:
                self._note(fault, time.time(), {"outcome": "left out: its victim was under another fault"})
                return
            began = time.time()
            try:
                facts = await kind.inject(self._cluster, fault.target)
            except ServicesError:
                raise
            except _IN_VAIN as error:
                self._note(fault, began, {"outcome": f"left out: {error or type(error).__name__}"})
            else:
                self._note(fault, began, {"outcome": "injected", **facts})

    def _note(self, fault: Fault, began: float, facts: Facts) -> None:
        self._journal.note(
            number=fault.number, kind=fault.kind, target=fault.target, **{"at": began, "until": time.time(), **facts}
        )
        self._tell(f"{fault}  {facts['outcome']}")
