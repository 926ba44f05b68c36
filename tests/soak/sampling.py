"""A look at everything, once a second, from outside."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg

from tests.bench.footprint import ProcessGone, descriptor_count, resident_bytes
from tests.faults.cluster.cluster import Cluster
from tests.faults.cluster.seat import Seat
from tests.faults.load.journal import Journal

INTERVAL_SECONDS = 1.0
_BLOAT = Path(__file__).with_name("bloat.sql").read_text(encoding="utf-8")


class Sampler:
    """Notes what workers and database hold."""

    def __init__(self, cluster: Cluster, journal: Journal) -> None:
        self._cluster = cluster
        self._journal = journal

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            database = await self._database()
            self._journal.note(workers=[_held(seat) for seat in self._cluster.seats], database=database)
            await asyncio.sleep(INTERVAL_SECONDS - time.time() % INTERVAL_SECONDS)

    async def _database(self) -> dict[str, Any] | None:
        """Return None while the database is away."""
        try:
            (row,) = await self._cluster.admin.rows(_BLOAT)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return None
        return dict(row)


def _held(seat: Seat) -> dict[str, Any] | None:
    """Return None while the seat is empty."""
    with suppress(ProcessGone):
        pid = seat.process.pid
        return {"name": seat.name, "resident_bytes": resident_bytes(pid), "descriptors": descriptor_count(pid)}
    return None
